import { addressOf, foreign } from '#epoll/sys/ffi/foreign.js';

// What epoll-ts/sys refuses on purpose or does not offer, the rig calls by number: bad pointers, wrong sizes, records
// out of range, and the calls that only prepare a scenario. From unistd_64.h of x86-64, and asm-generic/unistd.h of the
// others.
const numbers = {
  clock_gettime: { x64: 228, generic: 113 },
  clone3: { x64: 435, generic: 435 },
  epoll_ctl: { x64: 233, generic: 21 },
  epoll_pwait: { x64: 281, generic: 22 },
  epoll_pwait2: { x64: 441, generic: 441 },
  eventfd2: { x64: 290, generic: 19 },
  execve: { x64: 59, generic: 221 },
  exit: { x64: 60, generic: 93 },
  exit_group: { x64: 231, generic: 94 },
  fallocate: { x64: 285, generic: 47 },
  fanotify_init: { x64: 300, generic: 262 },
  fchmod: { x64: 91, generic: 52 },
  fsopen: { x64: 430, generic: 430 },
  ftruncate: { x64: 77, generic: 46 },
  getxattr: { x64: 191, generic: 8 },
  inotify_add_watch: { x64: 254, generic: 27 },
  io_setup: { x64: 206, generic: 0 },
  io_submit: { x64: 209, generic: 2 },
  io_uring_setup: { x64: 425, generic: 425 },
  ioctl: { x64: 16, generic: 29 },
  kill: { x64: 62, generic: 129 },
  listxattr: { x64: 194, generic: 11 },
  lseek: { x64: 8, generic: 62 },
  memfd_create: { x64: 319, generic: 279 },
  memfd_secret: { x64: 447, generic: 447 },
  mknodat: { x64: 259, generic: 33 },
  mmap: { x64: 9, generic: 222 },
  mount: { x64: 165, generic: 40 },
  open_tree: { x64: 428, generic: 428 },
  perf_event_open: { x64: 298, generic: 241 },
  pidfd_send_signal: { x64: 424, generic: 424 },
  prctl: { x64: 157, generic: 167 },
  pread64: { x64: 17, generic: 67 },
  ptrace: { x64: 101, generic: 117 },
  pwrite64: { x64: 18, generic: 68 },
  removexattr: { x64: 197, generic: 14 },
  rt_sigpending: { x64: 127, generic: 136 },
  sendfile: { x64: 40, generic: 71 },
  setns: { x64: 308, generic: 268 },
  setxattr: { x64: 188, generic: 5 },
  signalfd4: { x64: 289, generic: 74 },
  splice: { x64: 275, generic: 76 },
  timerfd_gettime: { x64: 287, generic: 87 },
  timerfd_settime: { x64: 286, generic: 86 },
  truncate: { x64: 76, generic: 45 },
  umount2: { x64: 166, generic: 39 },
  userfaultfd: { x64: 323, generic: 282 },
  wait4: { x64: 61, generic: 260 },
  waitid: { x64: 247, generic: 95 },
} as const;

/** An argument of a raw call: a number in a register, or the address of a view's memory. */
export type RawArgument = number | bigint | ArrayBufferView | null;

const call = foreign('syscall', ['long', 'long', 'long', 'long', 'long', 'long', 'long'], 'long');

/** Makes a system call with whatever arguments: ≥ 0, or -errno. Nothing is checked. */
export function syscall(name: keyof typeof numbers, ...args: readonly RawArgument[]): number {
  const [a, b, c, d, e, f] = args.map((argument) => {
    if (argument === null) return 0;
    return typeof argument === 'object' ? addressOf(argument) : argument;
  });
  const number = numbers[name][process.arch === 'x64' ? 'x64' : 'generic'];
  return call(number, a ?? 0, b ?? 0, c ?? 0, d ?? 0, e ?? 0, f ?? 0);
}

/** AT_FDCWD of the *at calls: relative to the working directory. */
export const atWorkingDirectory = -100;

/** The address of one page that may be read but not written. */
export function readonlyPage(): number {
  const [protRead, mapPrivateAnonymous] = [1, 0x22];
  return syscall('mmap', 0, 4096, protRead, mapPrivateAnonymous, -1, 0);
}

/** A pointer to each view, and a null at the end: `char *argv[]`. The views must stay reachable while C uses it. */
export function pointers(views: readonly Uint8Array[]): BigUint64Array {
  return BigUint64Array.from([...views.map((view) => addressOf(view)), 0n]);
}

/** A string as C takes it. */
export function cString(text: string): Uint8Array {
  return Buffer.from(`${text}\0`);
}

/** Ends the process at once, whatever its threads are blocked in; process.exit() would wait for them. */
export function endProcess(code: number): void {
  syscall('exit_group', code);
}
