/**
 * Numbers of the system calls that are made through syscall(2): those that some supported C library has no function for
 * (glibc 2.31 lacks pidfd_open, glibc 2.34 lacks epoll_pwait2, musl 1.2.4 lacks preadv2, every C library lacks kcmp).
 */
export interface SyscallNumbers {
  readonly epoll_pwait2: number;
  readonly gettid: number;
  readonly kcmp: number;
  readonly pidfd_getfd: number;
  readonly pidfd_open: number;
  readonly pidfd_send_signal: number;
  readonly preadv2: number;
  readonly pwritev2: number;
  readonly tgkill: number;
}

// Calls since Linux 5.0 have one number on every architecture (asm-generic/unistd.h).
const unified = { epoll_pwait2: 441, pidfd_getfd: 438, pidfd_open: 434, pidfd_send_signal: 424 };

const generic: SyscallNumbers = { ...unified, gettid: 178, kcmp: 272, preadv2: 286, pwritev2: 287, tgkill: 131 };
const x64: SyscallNumbers = { ...unified, gettid: 186, kcmp: 312, preadv2: 327, pwritev2: 328, tgkill: 234 };

/** The architectures, as `process.arch` names them, whose layouts and numbers this package knows. */
export const architectures: ReadonlyMap<string, SyscallNumbers> = new Map([
  ['x64', x64],
  ['arm64', generic],
  ['riscv64', generic],
  ['loong64', generic],
]);
