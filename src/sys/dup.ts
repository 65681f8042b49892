import { int } from './argument.ts';
import { foreign } from './ffi/foreign.ts';

const dupCall = foreign('dup', ['int']);
const dup3Call = foreign('dup3', ['int', 'int', 'int']);

/**
 * `int dup(int oldfd)` — another number for the same open file description. The copy is NOT close-on-exec:
 * `fcntl(fd, F_DUPFD_CLOEXEC, 0)` is.
 *
 * @returns the descriptor, or -EBADF, -EMFILE
 * @throws {TypeError | RangeError} when `oldfd` is no C int
 * @see https://man7.org/linux/man-pages/man2/dup.2.html
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { close, dup } from 'epoll-ts/sys';
 *
 * const copy = dup(2);
 * assert.ok(copy > 2);
 * close(copy);
 * ```
 */
export function dup(oldfd: number): number {
  return dupCall(int(oldfd, 'oldfd'));
}

/**
 * `int dup3(int oldfd, int newfd, int flags)` — makes `newfd` another number for the file of `oldfd`; what `newfd` was
 * is closed in the same step.
 *
 * @param flags 0 or O_CLOEXEC
 * @returns `newfd`, or -EBADF, -EBUSY, -EINTR, -EINVAL (also where both are the same), -EMFILE
 * @throws {TypeError | RangeError} when an argument is no C int
 * @see https://man7.org/linux/man-pages/man2/dup3.2.html
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { dup3, EINVAL, O_CLOEXEC } from 'epoll-ts/sys';
 *
 * assert.equal(dup3(1, 1, O_CLOEXEC), -EINVAL);
 * ```
 */
export function dup3(oldfd: number, newfd: number, flags: number): number {
  return dup3Call(int(oldfd, 'oldfd'), int(newfd, 'newfd'), int(flags, 'flags'));
}
