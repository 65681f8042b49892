// A program: installs seccomp filters for epoll_pwait2 in itself and prints what it then finds.
// Argument: ENOSYS or EPERM, how the call is to be answered; or kill.
import { foreign } from '#epoll/sys/ffi/foreign.js';
import * as sys from 'epoll-ts/sys';
import { seccompAction, stopSyscall } from './seccompFilter.ts';

/** What the program prints, as JSON. */
export interface UnderSeccomp {
  /** What the system call itself answers. */
  readonly refused: number;
  /** What epoll_pwait2 answers with a ready entry and without, and to timeouts that are negative. */
  readonly answers: { readonly [name in 'ready' | 'empty' | 'forEver' | 'negative' | 'veryNegative']: number };
  /** The shortest of the waits for 250 µs. */
  readonly fastestNs: string;
  /** The answer after a filter that kills the process at the system call. */
  readonly afterKillFilter: number;
}

const number = 441;
const direct = foreign('syscall', ['long', 'long', 'pointer', 'long', 'pointer', 'pointer', 'long'], 'long');
const mode = process.argv[2];
const epfd = sys.epoll_create1(sys.EPOLL_CLOEXEC);
const buffer = new sys.EpollEventBuffer(4);
if (mode === 'ENOSYS' || mode === 'EPERM') {
  install(seccompAction.answerErrno(sys[mode]));
  console.log(JSON.stringify(explore()));
} else {
  install(seccompAction.killProcess);
  callDirectly();
}

function explore(): UnderSeccomp {
  const refused = callDirectly();
  const fd = sys.eventfd(1, 0);
  const wait = (timeoutNs: bigint | null): number => sys.epoll_pwait2(epfd, buffer, 4, timeoutNs, null);
  const waits = Array.from({ length: 20 }, () => {
    const start = process.hrtime.bigint();
    if (wait(250_000n) !== 0) throw new Error('the wait did not end at its time');
    return process.hrtime.bigint() - start;
  });
  const empty = wait(0n);
  const [negative, veryNegative] = [wait(-1n), wait(-5_000_000n)];
  sys.epoll_ctl(epfd, sys.EPOLL_CTL_ADD, fd, sys.EPOLLIN);
  const answers = { ready: wait(0n), empty, forEver: wait(null), negative, veryNegative };
  sys.epoll_ctl(epfd, sys.EPOLL_CTL_DEL, fd);
  const fastestNs = String(waits.reduce((least, ns) => (ns < least ? ns : least)));
  install(seccompAction.killProcess);
  return { refused, answers, fastestNs, afterKillFilter: wait(1n) };
}

function callDirectly(): number {
  return direct(number, epfd, new Uint8Array(16), 1, new Uint8Array(16), null, 8);
}

function install(action: number): void {
  const answer = stopSyscall(number, action);
  if (answer >= 0) return;
  console.log(`skip no seccomp filter can be installed here: ${sys.errnoName(answer)}`);
  process.exit(0);
}
