import * as errno from './errno.ts';

const aliases = new Set(['EWOULDBLOCK', 'ENOTSUP']);
const names: ReadonlyMap<number, string> = new Map(
  Object.entries(errno)
    .filter(([name]) => !aliases.has(name))
    .map(([name, value]) => [value, name]),
);

/** The C name of an error number: `errnoName(9)` is `'EBADF'`; a number without a name comes back as `'errno 4095'`.
 * Positive numbers and the negative answers of `sys` functions are both taken.
 * @throws {TypeError | RangeError} for anything but an integer
 * @see https://man7.org/linux/man-pages/man3/errno.3.html
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { close, errnoName } from 'epoll-ts/sys';
 *
 * assert.equal(errnoName(close(-1)), 'EBADF');
 * ```
 */
export function errnoName(error: number): string {
  if (typeof error !== 'number')
    throw new TypeError(`Cannot use 'error' as it must be a number: current type is ${typeof error}`);
  if (!Number.isInteger(error)) {
    throw new RangeError(`Cannot use 'error' as it must be an integer: current value is ${error}`);
  }
  const number = Math.abs(error);
  return names.get(number) ?? `errno ${number}`;
}
