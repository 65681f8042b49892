import { int } from './argument.ts';
import * as syscall from './syscall.ts';

/**
 * `pid_t gettid(void)` — the calling thread's number in the kernel: what `/proc/self/task` lists and `tgkill` takes.
 *
 * @returns the thread id; it cannot fail
 * @see https://man7.org/linux/man-pages/man2/gettid.2.html
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { gettid } from 'epoll-ts/sys';
 *
 * assert.equal(gettid(), process.pid, 'the main thread has the number of the process');
 * ```
 */
export function gettid(): number {
  return syscall.gettid();
}

/**
 * `int tgkill(pid_t tgid, pid_t tid, int sig)` — sends a signal to one thread.
 *
 * @param tgid the process, `process.pid`
 * @param tid the thread, as `gettid` gives it there
 * @param sig a signal's number; 0 only tests
 * @returns 0, or -EAGAIN, -EINVAL, -EPERM, -ESRCH
 * @throws {TypeError | RangeError} when an argument is no C int
 * @see https://man7.org/linux/man-pages/man2/tgkill.2.html
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { gettid, tgkill } from 'epoll-ts/sys';
 *
 * assert.equal(tgkill(process.pid, gettid(), 0), 0);
 * ```
 */
export function tgkill(tgid: number, tid: number, sig: number): number {
  return syscall.tgkill(int(tgid, 'tgid'), int(tid, 'tid'), int(sig, 'sig'));
}
