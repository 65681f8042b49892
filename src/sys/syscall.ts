import { architectures, type SyscallNumbers } from './abi/syscallNumbers.ts';
import { answer, foreign } from './ffi/foreign.ts';

// x64 stands in where the CPU is unknown: the first call throws UnsupportedError before the number is used.
const numbers = (architectures.get(process.arch) ?? architectures.get('x64')) as SyscallNumbers;

const int3 = foreign('syscall', ['long', 'long', 'long', 'long'], 'long');
const signal4 = foreign('syscall', ['long', 'long', 'long', 'pointer', 'long'], 'long');
const kcmp5 = foreign('syscall', ['long', 'long', 'long', 'long', 'long', 'long'], 'long');
const kcmpSlot5 = foreign('syscall', ['long', 'long', 'long', 'long', 'long', 'pointer'], 'long');
const pwait2 = foreign('syscall', ['long', 'long', 'pointer', 'long', 'pointer', 'pointer', 'long'], 'long');

// Of their own: they are on hot paths.
const preadv2Call = foreign('syscall', ['long', 'long', 'address', 'long', 'long', 'long', 'long'], 'long', (bound) => {
  return (number, fd, iov, count, low, high, flags) => answer(bound()(number, fd, iov, count, low, high, flags));
});
const pwritev2Call = foreign(
  'syscall',
  ['long', 'long', 'address', 'long', 'long', 'long', 'long'],
  'long',
  (bound) => {
    return (number, fd, iov, count, low, high, flags) => answer(bound()(number, fd, iov, count, low, high, flags));
  },
);

// Arguments are not checked here: each man page's own file does.

export function epoll_pwait2(
  epfd: number,
  events: ArrayBufferView,
  max: number,
  timeout: Uint8Array | null,
  sigmask: Uint8Array | null,
  sigsetBytes: number,
): number {
  return pwait2(numbers.epoll_pwait2, epfd, events, max, timeout, sigmask, sigsetBytes);
}

export function pidfd_open(pid: number, flags: number): number {
  return int3(numbers.pidfd_open, pid, flags, 0);
}

export function pidfd_getfd(pidfd: number, targetfd: number, flags: number): number {
  return int3(numbers.pidfd_getfd, pidfd, targetfd, flags);
}

export function pidfd_send_signal(pidfd: number, sig: number, flags: number): number {
  return signal4(numbers.pidfd_send_signal, pidfd, sig, null, flags);
}

export function kcmp(pid1: number, pid2: number, type: number, idx1: number, idx2: number): number {
  return kcmp5(numbers.kcmp, pid1, pid2, type, idx1, idx2);
}

export function kcmpSlot(pid1: number, pid2: number, type: number, idx1: number, slot: Uint32Array): number {
  return kcmpSlot5(numbers.kcmp, pid1, pid2, type, idx1, slot);
}

export function gettid(): number {
  return int3(numbers.gettid, 0, 0, 0);
}

export function tgkill(tgid: number, tid: number, sig: number): number {
  return int3(numbers.tgkill, tgid, tid, sig);
}

/** @param iov the address of one `struct iovec`; read at the file's own position */
export function preadv2(fd: number, iov: number, flags: number): number {
  return preadv2Call(numbers.preadv2, fd, iov, 1, -1, 0, flags);
}

/** @param iov as for `preadv2` */
export function pwritev2(fd: number, iov: number, flags: number): number {
  return pwritev2Call(numbers.pwritev2, fd, iov, 1, -1, 0, flags);
}
