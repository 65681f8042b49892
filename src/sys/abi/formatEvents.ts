import * as epoll from './epoll.ts';

const flags: readonly (readonly [number, string])[] = Object.entries(epoll)
  .filter(([name]) => /^EPOLL(?:[A-Z]+|_URING_WAKE)$/.test(name))
  .map(([name, bit]) => [bit, name] as const)
  .toSorted(([a], [b]) => a - b);

/**
 * The C names of the flags in an event mask, lowest bit first: `'EPOLLIN|EPOLLRDHUP'`; `'0'` for an empty mask. Bits
 * without a name come last, in hexadecimal.
 *
 * @throws {TypeError | RangeError} for anything but a mask of 32 bits
 * @see https://man7.org/linux/man-pages/man2/epoll_ctl.2.html
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { EPOLLET, EPOLLIN, formatEvents } from 'epoll-ts/sys';
 *
 * assert.equal(formatEvents(EPOLLIN | EPOLLET), 'EPOLLIN|EPOLLET');
 * ```
 */
export function formatEvents(mask: number): string {
  return eventNames(mask).join('|') || '0';
}

/**
 * The same names as an array, empty for an empty mask.
 *
 * @throws {TypeError | RangeError} for anything but a mask of 32 bits.
 */
export function eventNames(mask: number): string[] {
  if (typeof mask !== 'number')
    throw new TypeError(`Cannot use 'mask' as it must be a number: current type is ${typeof mask}`);
  if ((mask | 0) !== mask && mask >>> 0 !== mask) {
    throw new RangeError(`Cannot use 'mask' as it must be a mask of 32 bits: current value is ${mask}`);
  }
  const named: string[] = [];
  let rest = mask >>> 0;
  for (const [bit, name] of flags) {
    if ((rest & bit) === 0) continue;
    named.push(name);
    rest = (rest & ~bit) >>> 0;
  }
  if (rest !== 0) named.push(`0x${rest.toString(16)}`);
  return named;
}
