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
import { aBoolean, oneOf } from '../sys/optionKind.ts';
import { optionsReader } from '../sys/optionsReader.ts';

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
  /**
   * EPOLLWAKEUP: keep the system awake until the event is handled; the kernel drops it in silence without
   * CAP_BLOCK_SUSPEND.
   */
  readonly wakeup?: boolean;
  readonly exclusive?: false;
  /** `'level'` by default. */
  readonly trigger?: Trigger;
}

/**
 * EPOLLEXCLUSIVE: of all the reactors that watch the file so, wake one or more, not all. The kernel refuses it together
 * with one-shot, priority and readHangup, and refuses to modify such an entry: these combinations do not compile.
 * Without a handler the entry is there only while somebody waits, whatever the trigger.
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

const triggers: Readonly<Record<Trigger, number>> = {
  level: 0,
  edge: EPOLLET,
  oneshot: EPOLLONESHOT,
  'edge-oneshot': EPOLLET | EPOLLONESHOT,
};

type AnyInterest = { readonly [K in Exclude<keyof Interest, 'trigger'>]?: boolean } & { readonly trigger?: Trigger };

function interestReader(action: string): (interest: unknown, name: string) => AnyInterest {
  return optionsReader<AnyInterest>(action, '{ readable: true }', {
    readable: aBoolean,
    writable: aBoolean,
    priority: aBoolean,
    readHangup: aBoolean,
    wakeup: aBoolean,
    exclusive: aBoolean,
    trigger: oneOf(...(Object.keys(triggers) as Trigger[])),
  });
}

const readers = { register: interestReader('register'), modify: interestReader('modify') };

/**
 * The kernel's mask for an interest.
 *
 * @param action what can't be done with a wrong one
 * @throws {TypeError} for an unknown member, a member of another type, an unknown trigger, or a combination that the
 * kernel refuses
 */
export function interestMask(interest: Interest, action: 'register' | 'modify'): number {
  const { readable, writable, priority, readHangup, wakeup, exclusive, trigger } = readers[action](
    interest ?? null,
    'interest',
  );
  const mask =
    (readable === true ? EPOLLIN : 0) |
    (writable === true ? EPOLLOUT : 0) |
    (priority === true ? EPOLLPRI : 0) |
    (readHangup === true ? EPOLLRDHUP : 0) |
    (wakeup === true ? EPOLLWAKEUP : 0) |
    (exclusive === true ? EPOLLEXCLUSIVE : 0) |
    (trigger === undefined ? 0 : triggers[trigger]);
  if ((mask & EPOLLEXCLUSIVE) !== 0) checkExclusive(mask, action);
  return mask >>> 0;
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
