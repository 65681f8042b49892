import { int, mask } from './argument.ts';
import { foreign } from './ffi/foreign.ts';

const call = foreign('fcntl', ['int', 'int', 'long']);

/**
 * `int fcntl(int fd, int cmd, long arg)` — reads and changes a descriptor. Only commands whose argument is a number.
 *
 * @param cmd F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_DUPFD, F_DUPFD_CLOEXEC, F_GETPIPE_SZ, F_SETPIPE_SZ, and other
 *   commands whose argument is a number
 * @param arg a number or a mask of 32 bits
 * @returns what the command answers, or -EBADF, -EINVAL, -EMFILE, -EPERM, -EBUSY
 * @throws {TypeError | RangeError} when an argument does not fit its C type, or the command takes a pointer, or is
 *   unknown
 * @see https://man7.org/linux/man-pages/man2/fcntl.2.html
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { close, EFD_CLOEXEC, eventfd, F_GETFD, fcntl, FD_CLOEXEC } from 'epoll-ts/sys';
 *
 * const fd = eventfd(0, EFD_CLOEXEC);
 * assert.equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
 * close(fd);
 * ```
 */
export function fcntl(fd: number, cmd: number, arg = 0): number {
  int(fd, 'fd');
  int(cmd, 'cmd');
  if (!numberCommands.has(cmd)) {
    const rule = 'a command that is known to take a number';
    throw new RangeError(`Cannot call fcntl as 'cmd' must be ${rule}: current value is ${cmd}`);
  }
  // The kernel uses 32 bits of the long (F_DUPFD with 2 ** 40 starts at 0), so more is refused here.
  return call(fd, cmd, mask(arg, 'arg') | 0);
}

// Of include/uapi/linux/fcntl.h those whose argument is a number, or that have none: F_DUPFD to F_SETFL; F_SETOWN,
// F_GETOWN, F_SETSIG, F_GETSIG (8 to 11); F_SETLEASE, F_GETLEASE, F_NOTIFY, F_DUPFD_QUERY, F_CREATED_QUERY (1024 to
// 1028); F_DUPFD_CLOEXEC to F_GET_SEALS (1030 to 1034). Any other may take a pointer, in a newer kernel too: C would
// read or write anywhere.
const numberCommands: ReadonlySet<number> = new Set([
  0, 1, 2, 3, 4, 8, 9, 10, 11, 1024, 1025, 1026, 1027, 1028, 1030, 1031, 1032, 1033, 1034,
]);
