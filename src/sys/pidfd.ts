import { int, uint } from './argument.ts';
import * as syscall from './syscall.ts';

/**
 * `int pidfd_open(pid_t pid, unsigned int flags)` — makes a descriptor that refers to a process; readable when it ends
 * (Linux 5.3).
 *
 * @param flags 0, PIDFD_NONBLOCK, PIDFD_THREAD
 * @returns the descriptor (always close-on-exec), or -EINVAL, -ESRCH, -EMFILE, -ENFILE, -ENODEV, -ENOMEM, -ENOSYS
 * @throws {TypeError | RangeError} when an argument does not fit its C type
 * @see https://man7.org/linux/man-pages/man2/pidfd_open.2.html
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { close, pidfd_open } from 'epoll-ts/sys';
 *
 * const fd = pidfd_open(process.pid, 0);
 * assert.ok(fd >= 0);
 * close(fd);
 * ```
 */
export function pidfd_open(pid: number, flags: number): number {
  return syscall.pidfd_open(int(pid, 'pid'), uint(flags, 'flags'));
}

/**
 * `int pidfd_getfd(int pidfd, int targetfd, unsigned int flags)` — duplicates a descriptor of another process (Linux
 * 5.6).
 *
 * Needs PTRACE_MODE_ATTACH_REALCREDS rights on the process. The duplicate is close-on-exec.
 *
 * @param flags must be 0
 * @returns the descriptor, or -EBADF, -EINVAL, -EMFILE, -ENFILE, -EPERM, -ESRCH, -ENOSYS
 * @throws {TypeError | RangeError} when an argument does not fit its C type
 * @see https://man7.org/linux/man-pages/man2/pidfd_getfd.2.html
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { close, pidfd_getfd, pidfd_open } from 'epoll-ts/sys';
 *
 * const self = pidfd_open(process.pid, 0);
 * const copy = pidfd_getfd(self, 1, 0);
 * assert.ok(copy >= 0);
 * close(copy);
 * close(self);
 * ```
 */
export function pidfd_getfd(pidfd: number, targetfd: number, flags: number): number {
  return syscall.pidfd_getfd(int(pidfd, 'pidfd'), int(targetfd, 'targetfd'), uint(flags, 'flags'));
}

/**
 * `int pidfd_send_signal(int pidfd, int sig, siginfo_t *info, unsigned int flags)` — sends a signal to exactly the
 * process that the descriptor refers to; `info` is NULL (Linux 5.1).
 *
 * @param sig a signal's number; 0 only tests
 * @param flags 0, PIDFD_SIGNAL_THREAD, PIDFD_SIGNAL_THREAD_GROUP, PIDFD_SIGNAL_PROCESS_GROUP
 * @returns 0, or -EBADF, -EINVAL, -EPERM, -ESRCH, -ENOSYS
 * @throws {TypeError | RangeError} when an argument does not fit its C type
 * @see https://man7.org/linux/man-pages/man2/pidfd_send_signal.2.html
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { close, pidfd_open, pidfd_send_signal } from 'epoll-ts/sys';
 *
 * const self = pidfd_open(process.pid, 0);
 * assert.equal(pidfd_send_signal(self, 0, 0), 0);
 * close(self);
 * ```
 */
export function pidfd_send_signal(pidfd: number, sig: number, flags: number): number {
  return syscall.pidfd_send_signal(int(pidfd, 'pidfd'), int(sig, 'sig'), uint(flags, 'flags'));
}
