import * as inotify from '../sys/abi/inotify.ts';

// One bit each: IN_CLOSE, IN_MOVE and IN_ALL_EVENTS are several, IN_CLOEXEC and IN_NONBLOCK are no part of a mask.
const bits: readonly (readonly [bit: number, name: string])[] = Object.entries(inotify)
  .filter(([name, value]) => Number.isInteger(Math.log2(value)) && name !== 'IN_CLOEXEC' && name !== 'IN_NONBLOCK')
  .map(([name, value]) => [value, name] as const)
  .toSorted(([a], [b]) => a - b);

/**
 * The C names of the bits in an inotify mask, lowest bit first: `'IN_CREATE|IN_ISDIR'`; `'0'` for an empty mask. Bits
 * without a name come last, in hexadecimal.
 *
 * @see https://man7.org/linux/man-pages/man7/inotify.7.html
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { formatInotifyMask } from 'epoll-ts';
 * import { IN_CREATE, IN_ISDIR } from 'epoll-ts/sys';
 *
 * assert.equal(formatInotifyMask(IN_ISDIR | IN_CREATE), 'IN_CREATE|IN_ISDIR');
 * ```
 */
export function formatInotifyMask(mask: number): string {
  const named = bits.filter(([bit]) => (mask & bit) !== 0);
  const rest = named.reduce((left, [bit]) => left & ~bit, mask) >>> 0;
  const names = named.map(([, name]) => name);
  if (rest !== 0) names.push(`0x${rest.toString(16)}`);
  return names.join('|') || '0';
}
