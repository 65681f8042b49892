import { int, mask } from './argument.ts';
import { foreign } from './ffi/foreign.ts';

const call = foreign('fcntl', ['int', 'int', 'long']);

/**
 * `int fcntl(int fd, int cmd, long arg)` — reads and changes a descriptor. Only commands whose argument is a number.
 *
 * @param cmd F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_DUPFD, F_DUPFD_CLOEXEC, F_GETPIPE_SZ, F_SETPIPE_SZ
 * @param arg a number or a mask of 32 bits
 * @returns what the command answers, or -EBADF, -EINVAL, -EMFILE, -EPERM, -EBUSY
 * @throws {TypeError | RangeError} when an argument does not fit its C type, or the command takes a pointer
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
  if (pointerCommands.has(cmd)) {
    throw new RangeError(`Cannot call fcntl as 'cmd' must be a command that takes a number: current value is ${cmd}`);
  }
  // The kernel uses 32 bits of the long (F_DUPFD with 2 ** 40 starts at 0), so more is refused here.
  return call(fd, cmd, mask(arg, 'arg') | 0);
}

// A number taken for a pointer would let C read or write anywhere: F_GETLK, F_SETLK, F_SETLKW (5 to 7), F_SETOWN_EX,
// F_GETOWN_EX, F_GETOWNER_UIDS (15 to 17), F_OFD_* (36 to 38), the read/write hints (1035 to 1038), and F_GETDELEG and
// F_SETDELEG (1039, 1040; Linux 6.19).
const pointerCommands: ReadonlySet<number> = new Set([
  5, 6, 7, 15, 16, 17, 36, 37, 38, 1035, 1036, 1037, 1038, 1039, 1040,
]);
