import {
  EPOLLERR,
  EPOLLET,
  EPOLLEXCLUSIVE,
  EPOLLHUP,
  EPOLLIN,
  EPOLLONESHOT,
  EPOLLOUT,
  EPOLLPRI,
  EPOLLRDHUP,
  EPOLLWAKEUP,
  formatEvents,
} from '../../sys/index.ts';
import { nearest } from '../../sys/nearest.ts';
import { UsageError } from '../usageError.ts';

const flags: ReadonlyMap<string, number> = new Map([
  ['IN', EPOLLIN],
  ['OUT', EPOLLOUT],
  ['PRI', EPOLLPRI],
  ['RDHUP', EPOLLRDHUP],
  ['ERR', EPOLLERR],
  ['HUP', EPOLLHUP],
  ['ET', EPOLLET],
  ['ONESHOT', EPOLLONESHOT],
  ['WAKEUP', EPOLLWAKEUP],
  ['EXCLUSIVE', EPOLLEXCLUSIVE],
]);

// What has no use: the kernel reports the first two only together with the flag on the right, the others never.
const useless: ReadonlyMap<string, string> = new Map([
  ['RDNORM', 'IN'],
  ['WRNORM', 'OUT'],
  ['RDBAND', 'PRI'],
  ['WRBAND', 'OUT'],
  ['MSG', 'IN'],
]);

// EPOLLEXCLUSIVE_OK_BITS in fs/eventpoll.c.
const exclusiveCompanions = EPOLLIN | EPOLLOUT | EPOLLERR | EPOLLHUP | EPOLLWAKEUP | EPOLLET | EPOLLEXCLUSIVE;

/**
 * The mask of `IN,RDHUP`, names with or without EPOLL, in any case; `,` or `|` between them.
 *
 * @throws {UsageError} for an unknown name, and for none
 */
export function parseEvents(text: string): number {
  let mask = 0;
  for (const typed of text.split(/[,|]/)) {
    const name = typed
      .trim()
      .toUpperCase()
      .replace(/^EPOLL/, '');
    const flag = flags.get(name);
    if (flag === undefined) throw new UsageError(unknown(typed, name));
    mask |= flag;
  }
  return mask >>> 0;
}

/** @throws {UsageError} for a mask that the kernel refuses */
export function checkExclusive(mask: number): void {
  const refused = (mask & ~exclusiveCompanions) >>> 0;
  if ((mask & EPOLLEXCLUSIVE) === 0 || refused === 0) return;
  throw new UsageError(`EPOLLEXCLUSIVE cannot be combined with ${formatEvents(refused)}: use --events IN,EXCLUSIVE`);
}

function unknown(typed: string, name: string): string {
  const instead = useless.get(name);
  if (instead !== undefined)
    return `Cannot use '${typed}' in --events as it is never reported by itself: use ${instead}`;
  const meant = nearest(name, flags.keys());
  const hint = meant === null ? `use some of ${[...flags.keys()].join(', ')}` : `did you mean ${meant}?`;
  return `Unknown event '${typed}' in --events: ${hint}`;
}
