import { describe, int, uint } from './argument.ts';
import { KCMP_EPOLL_TFD } from './abi/kcmp.ts';
import * as syscall from './syscall.ts';

/**
 * `struct kcmp_epoll_slot`: entry number `toff` among the entries for descriptor number `tfd` of the instance `efd`.
 */
export interface KcmpEpollSlot {
  readonly efd: number;
  readonly tfd: number;
  readonly toff: number;
}

/**
 * `int kcmp(pid_t pid1, pid_t pid2, int type, unsigned long idx1, unsigned long idx2)` — compares a kernel object of
 * two processes.
 *
 * With KCMP_EPOLL_TFD, `idx1` is a descriptor of `pid1` and `idx2` an entry of an epoll instance of `pid2`: 0 means
 * that the descriptor is the file which the entry watches; anything else, with the number open, means that the entry is
 * a ghost. The kernel's header has `toff` as a 32-bit word; man kcmp(2) prints 64 bits.
 *
 * @returns 0 equal, 1 less, 2 greater, 3 different; or -EBADF, -EINVAL, -ENOENT, -EPERM, -ESRCH, -ENOSYS
 * @throws {TypeError | RangeError} when an argument does not fit its C type
 * @see https://man7.org/linux/man-pages/man2/kcmp.2.html
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { close, dup, KCMP_FILE, kcmp } from 'epoll-ts/sys';
 *
 * const copy = dup(1);
 * const same = kcmp(process.pid, process.pid, KCMP_FILE, 1, copy);
 * assert.ok(same === 0 || same < 0, 'a sandbox may refuse kcmp');
 * close(copy);
 * ```
 */
export function kcmp(pid1: number, pid2: number, type: number, idx1: number, idx2: number | KcmpEpollSlot): number {
  int(pid1, 'pid1');
  int(pid2, 'pid2');
  int(type, 'type');
  uint(idx1, 'idx1');
  if (type !== KCMP_EPOLL_TFD) {
    return syscall.kcmp(pid1, pid2, type, idx1, uint(idx2 as number, 'idx2'));
  }
  if (typeof idx2 !== 'object' || idx2 === null) {
    throw new TypeError(`Cannot use 'idx2' as it must be a KcmpEpollSlot: current value is ${describe(idx2)}`);
  }
  const { efd, tfd, toff } = idx2;
  const slot = Uint32Array.of(uint(efd, 'idx2.efd'), uint(tfd, 'idx2.tfd'), uint(toff, 'idx2.toff'));
  return syscall.kcmpSlot(pid1, pid2, type, idx1, slot);
}
