import { addressOf, foreign } from '#epoll/sys/ffi/foreign.js';

const prctl = foreign('prctl', ['int', 'ulong', 'pointer', 'ulong', 'ulong']);

// linux/prctl.h, linux/seccomp.h
const setSeccomp = 22;
const setNoNewPrivs = 38;
const modeFilter = 2;

/** What the kernel does with a call that the filter stops. */
export const seccompAction = {
  killProcess: 0x8000_0000,
  answerErrno: (errno: number): number => 0x0005_0000 | errno,
} as const;
const allow = 0x7fff_0000;

/**
 * Installs a seccomp filter for one system call in the calling thread. There is no way back.
 *
 * @returns 0, or -errno where the kernel or a sandbox refuses filters
 */
export function stopSyscall(number: number, action: number): number {
  // struct sock_filter: u16 code, u8 jt, u8 jf, u32 k
  const program = new DataView(new ArrayBuffer(4 * 8));
  const instructions = [
    [0x20, 0, 0, 0], // load seccomp_data.nr
    [0x15, 0, 1, number], // if it is not the number, skip one
    [0x06, 0, 0, action],
    [0x06, 0, 0, allow],
  ] as const;
  instructions.forEach(([code, jt, jf, k], index) => {
    program.setUint16(index * 8, code, true);
    program.setUint8(index * 8 + 2, jt);
    program.setUint8(index * 8 + 3, jf);
    program.setUint32(index * 8 + 4, k, true);
  });
  // struct sock_fprog: u16 len, then the pointer, aligned
  const fprog = new DataView(new ArrayBuffer(16));
  fprog.setUint16(0, instructions.length, true);
  fprog.setBigUint64(8, addressOf(program), true);
  const allowed = prctl(setNoNewPrivs, 1, null, 0, 0);
  return allowed < 0 ? allowed : prctl(setSeccomp, modeFilter, fprog, 0, 0);
}
