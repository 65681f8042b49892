import { int } from './argument.ts';
import { foreign } from './ffi/foreign.ts';

const flockCall = foreign('flock', ['int', 'int']);

/**
 * `int flock(int fd, int operation)` — locks an open file for those who ask for a lock too. The lock belongs to the
 * open file description, and ends with it.
 *
 * @param operation LOCK_EX, LOCK_UN, with LOCK_NB
 * @returns 0, or -EWOULDBLOCK (EAGAIN), -EBADF, -EINTR, -EINVAL, -ENOLCK
 * @throws {TypeError | RangeError} when an argument is no C int
 * @see https://man7.org/linux/man-pages/man2/flock.2.html
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { close, flock, LOCK_EX, LOCK_NB, O_CLOEXEC, O_RDONLY, open } from 'epoll-ts/sys';
 *
 * const folder = open('.', O_RDONLY | O_CLOEXEC);
 * assert.equal(flock(folder, LOCK_EX | LOCK_NB), 0);
 * close(folder); // unlocks
 * ```
 */
export function flock(fd: number, operation: number): number {
  return flockCall(int(fd, 'fd'), int(operation, 'operation'));
}
