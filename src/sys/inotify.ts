import { int, mask as checkedMask, path as checkedPath } from './argument.ts';
import { foreign } from './ffi/foreign.ts';

const init1 = foreign('inotify_init1', ['int']);
const addWatch = foreign('inotify_add_watch', ['int', 'pointer', 'uint']);
const rmWatch = foreign('inotify_rm_watch', ['int', 'int']);

/**
 * `int inotify_init1(int flags)` — makes a queue of file events.
 *
 * @param flags 0, IN_CLOEXEC, IN_NONBLOCK
 * @returns the descriptor, or -EINVAL, -EMFILE (also fs.inotify.max_user_instances), -ENFILE, -ENOMEM
 * @throws {TypeError | RangeError} when an argument is no C int
 * @see https://man7.org/linux/man-pages/man2/inotify_init1.2.html
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { close, IN_CLOEXEC, inotify_init1 } from 'epoll-ts/sys';
 *
 * const fd = inotify_init1(IN_CLOEXEC);
 * assert.ok(fd >= 0);
 * close(fd);
 * ```
 */
export function inotify_init1(flags: number): number {
  return init1(int(flags, 'flags'));
}

/**
 * `int inotify_add_watch(int fd, const char *pathname, uint32_t mask)` — watches a file or directory, or changes the
 * mask of a watch.
 *
 * @param pathname a string (as UTF-8) or the path's bytes
 * @param mask IN_… flags
 * @returns the watch descriptor, or -EACCES, -EBADF, -EEXIST, -EINVAL, -ENAMETOOLONG, -ENOENT, -ENOMEM, -ENOSPC,
 *   -ENOTDIR
 * @throws {TypeError | RangeError} when an argument does not fit its C type, or the path holds a NUL byte
 * @see https://man7.org/linux/man-pages/man2/inotify_add_watch.2.html
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { close, IN_CREATE, inotify_add_watch, inotify_init1 } from 'epoll-ts/sys';
 *
 * const fd = inotify_init1(0);
 * assert.equal(inotify_add_watch(fd, '.', IN_CREATE), 1);
 * close(fd);
 * ```
 */
export function inotify_add_watch(fd: number, pathname: string | Uint8Array, mask: number): number {
  return addWatch(int(fd, 'fd'), checkedPath(pathname, 'pathname'), checkedMask(mask, 'mask'));
}

/**
 * `int inotify_rm_watch(int fd, int wd)` — removes a watch; an IN_IGNORED event follows.
 *
 * @returns 0, or -EBADF, -EINVAL
 * @throws {TypeError | RangeError} when an argument is no C int
 * @see https://man7.org/linux/man-pages/man2/inotify_rm_watch.2.html
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { close, IN_CREATE, inotify_add_watch, inotify_init1, inotify_rm_watch } from 'epoll-ts/sys';
 *
 * const fd = inotify_init1(0);
 * const wd = inotify_add_watch(fd, '.', IN_CREATE);
 * assert.equal(inotify_rm_watch(fd, wd), 0);
 * close(fd);
 * ```
 */
export function inotify_rm_watch(fd: number, wd: number): number {
  return rmWatch(int(fd, 'fd'), int(wd, 'wd'));
}
