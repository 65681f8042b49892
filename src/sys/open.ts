import { int, mask, path } from './argument.ts';
import { foreign } from './ffi/foreign.ts';

const openCall = foreign('open', ['pointer', 'int', 'uint']);
const closeCall = foreign('close', ['int']);

/**
 * `int open(const char *pathname, int flags, mode_t mode)` — opens a file; `node:fs` opens too, but not without
 * blocking a FIFO.
 *
 * @param pathname a string (as UTF-8) or the path's bytes
 * @param flags O_RDONLY, O_WRONLY or O_RDWR, with O_CLOEXEC, O_NONBLOCK, …
 * @param mode permission bits for O_CREAT
 * @returns the descriptor, or -EACCES, -EISDIR, -ELOOP, -EMFILE, -ENOENT, -ENXIO, …
 * @throws {TypeError | RangeError} when an argument does not fit its C type, or the path holds a NUL byte
 * @see https://man7.org/linux/man-pages/man2/open.2.html
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { close, ENOENT, O_CLOEXEC, O_RDONLY, open } from 'epoll-ts/sys';
 *
 * assert.equal(open('/no/such/file', O_RDONLY | O_CLOEXEC), -ENOENT);
 * ```
 */
export function open(pathname: string | Uint8Array, flags: number, mode = 0): number {
  return openCall(path(pathname, 'pathname'), int(flags, 'flags'), mask(mode, 'mode'));
}

/**
 * `int close(int fd)` — gives a descriptor back.
 *
 * The descriptor is gone whatever the answer is, -EINTR and -EIO too: never close twice, the number may be another file
 * by then. Closing the last descriptor of a file takes it out of every interest list; closing one of several does not
 * (epoll(7)).
 *
 * @returns 0, or -EBADF, -EINTR, -EIO, -ENOSPC
 * @throws {TypeError | RangeError} when `fd` is no C int
 * @see https://man7.org/linux/man-pages/man2/close.2.html
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { close, EBADF } from 'epoll-ts/sys';
 *
 * assert.equal(close(-1), -EBADF);
 * ```
 */
export function close(fd: number): number {
  return closeCall(int(fd, 'fd'));
}
