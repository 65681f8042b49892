import { describe } from '../sys/argument.ts';
import {
  EPOLLET,
  EPOLLEXCLUSIVE,
  EPOLLIN,
  EPOLLONESHOT,
  EPOLLOUT,
  EPOLLPRI,
  EPOLLRDHUP,
  EPOLLWAKEUP,
  formatEvents,
} from '../sys/index.ts';

/**
 * When a registration reports.
 *
 * - `'level'`: on each turn while the descriptor is ready. The handler must drain it or change the interest.
 * - `'edge'`: when it becomes ready, or more arrives. The handler must read or write until it would block.
 * - `'oneshot'`: once, then not until `rearm()`, which reports readiness that is already there.
 * - `'edge-oneshot'`: the same; EPOLLET makes no difference to one event, but it is passed on.
 */
export type Trigger = 'level' | 'edge' | 'oneshot' | 'edge-oneshot';

/** What to watch a descriptor for. EPOLLERR and EPOLLHUP are reported always. */
export interface SharedInterest {
  /** EPOLLIN: there is something to read, or the end. */
  readonly readable?: boolean;
  /** EPOLLOUT: there is room to write. */
  readonly writable?: boolean;
  /** EPOLLPRI: an exceptional condition, such as a pressure-stall trigger or out-of-band data. */
  readonly priority?: boolean;
  /** EPOLLRDHUP: the peer has finished sending. */
  readonly readHangup?: boolean;
  /** EPOLLWAKEUP: keep the system awake until the event is handled; the kernel drops it in silence without CAP_BLOCK_SUSPEND. */
  readonly wakeup?: boolean;
  readonly exclusive?: false;
  /** `'level'` by default. */
  readonly trigger?: Trigger;
}

/**
 * EPOLLEXCLUSIVE: of all the reactors that watch the file so, wake one or more, not all. The kernel refuses it together with
 * one-shot, priority and readHangup, and refuses to modify such an entry: these combinations do not compile.
 */
export interface ExclusiveInterest {
  readonly exclusive: true;
  readonly readable?: boolean;
  readonly writable?: boolean;
  readonly wakeup?: boolean;
  readonly priority?: false;
  readonly readHangup?: false;
  readonly trigger?: 'level' | 'edge';
}

/** What to watch a descriptor for, and how. */
export type Interest = SharedInterest | ExclusiveInterest;

const flags = {
  readable: EPOLLIN,
  writable: EPOLLOUT,
  priority: EPOLLPRI,
  readHangup: EPOLLRDHUP,
  wakeup: EPOLLWAKEUP,
  exclusive: EPOLLEXCLUSIVE,
} as const;

const triggers: ReadonlyMap<string, number> = new Map([
  ['level', 0],
  ['edge', EPOLLET],
  ['oneshot', EPOLLONESHOT],
  ['edge-oneshot', EPOLLET | EPOLLONESHOT],
]);

/**
 * The kernel's mask for an interest.
 *
 * @param action what can't be done with a wrong one, as it stands in the message: `'register'`
 * @throws {TypeError} for an unknown member, a member of another type, an unknown trigger, or a combination that the kernel refuses
 */
export function interestMask(interest: Interest, action: string): number {
  if (typeof interest !== 'object' || interest === null) {
    throw new TypeError(`Cannot ${action} as 'interest' must be an object: current value is ${describe(interest)}`);
  }
  let mask = 0;
  for (const [name, value] of Object.entries(interest)) {
    if (value === undefined) continue;
    mask |= name === 'trigger' ? triggerBits(value, action) : flagBit(name, value, action);
  }
  if ((mask & EPOLLEXCLUSIVE) !== 0) checkExclusive(mask, action);
  return mask >>> 0;
}

function flagBit(name: string, value: unknown, action: string): number {
  if (!Object.hasOwn(flags, name)) {
    const known = [...Object.keys(flags), 'trigger'].join(', ');
    throw new TypeError(`Cannot ${action} as the interest has an unknown member '${name}': the members are ${known}`);
  }
  if (typeof value !== 'boolean') {
    throw new TypeError(`Cannot ${action} as '${name}' must be a boolean: current value is ${describe(value)}`);
  }
  return value ? flags[name as keyof typeof flags] : 0;
}

function triggerBits(value: unknown, action: string): number {
  const bits = typeof value === 'string' ? triggers.get(value) : undefined;
  if (bits === undefined) {
    const known = [...triggers.keys()].join(', ');
    throw new TypeError(`Cannot ${action} as 'trigger' must be one of ${known}: current value is ${describe(value)}`);
  }
  return bits;
}

function checkExclusive(mask: number, action: string): void {
  const refused = [
    (mask & EPOLLPRI) !== 0 && "'priority'",
    (mask & EPOLLRDHUP) !== 0 && "'readHangup'",
    (mask & EPOLLONESHOT) !== 0 && 'a one-shot trigger',
  ].filter((name) => name !== false);
  if (refused.length === 0) return;
  throw new TypeError(`Cannot ${action} as the kernel refuses 'exclusive' together with ${refused.join(' and ')}`);
}

/** @throws {TypeError} as a registration with the interest `mask` can't wait for `wanted` */
export function refuseToWait(wanted: number, mask: number): never {
  throw new TypeError(
    `Cannot wait for ${formatEvents(wanted)} as the interest must have it: current interest is ${formatEvents(mask)}`,
  );
}
