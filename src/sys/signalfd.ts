import { describe, int } from './argument.ts';
import { foreign } from './ffi/foreign.ts';
import { type SignalSet, sigsetBytesOf } from './signalSet.ts';

const call = foreign('signalfd', ['int', 'pointer', 'int']);

/**
 * `int signalfd(int fd, const sigset_t *mask, int flags)` — makes a descriptor from which pending signals are read, or
 * changes the set of one.
 *
 * Only signals that are blocked arrive here; a signal sent to the process goes to any thread that does not block it.
 * Node has such threads (V8's, libuv's), so use `SignalFd`, which checks, or send to the thread with `tgkill`.
 *
 * @param fd -1 to make one, or a signalfd to change
 * @param flags 0, SFD_CLOEXEC, SFD_NONBLOCK
 * @returns the descriptor, or -EBADF, -EINVAL, -EMFILE, -ENFILE, -ENODEV, -ENOMEM
 * @throws {TypeError | RangeError} when an argument does not fit its C type
 * @see https://man7.org/linux/man-pages/man2/signalfd.2.html
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { close, SFD_CLOEXEC, signalfd, SignalSet } from 'epoll-ts/sys';
 *
 * const fd = signalfd(-1, new SignalSet(['SIGHUP']), SFD_CLOEXEC);
 * assert.ok(fd >= 0);
 * close(fd);
 * ```
 */
export function signalfd(fd: number, mask: SignalSet, flags: number): number {
  if (mask === null)
    throw new TypeError(`Cannot use 'mask' as it must be a SignalSet: current value is ${describe(mask)}`);
  return call(int(fd, 'fd'), sigsetBytesOf(mask, 'mask'), int(flags, 'flags'));
}
