import { errnoName } from 'epoll-ts/sys';
import { syscall } from './syscall.ts';

const ptraceSeize = 0x4206;
const ptraceInterrupt = 0x4207;
const ptraceSetSigmask = 0x420b;
const ptraceDetach = 17;
const waitAll = 0x40000000;
const everySignal = BigUint64Array.of(2n ** 64n - 1n);

/**
 * Makes threads of a child process block every signal, by stopping each for a moment under ptrace(2). Returns why that
 * failed; empty: it did not.
 */
export function blockSignals(threads: readonly number[]): string {
  for (const thread of threads) {
    const error = blockIn(thread);
    if (error !== '') return error;
  }
  return '';
}

function blockIn(thread: number): string {
  const seized = syscall('ptrace', ptraceSeize, thread, 0, 0);
  if (seized < 0) return `ptrace gave ${errnoName(seized)}`;
  try {
    syscall('ptrace', ptraceInterrupt, thread, 0, 0);
    const stopped = syscall('wait4', thread, new Int32Array(1), waitAll, null);
    if (stopped < 0) return `wait4 gave ${errnoName(stopped)}`;
    const set = syscall('ptrace', ptraceSetSigmask, thread, everySignal.byteLength, everySignal);
    return set < 0 ? `ptrace gave ${errnoName(set)}` : '';
  } finally {
    syscall('ptrace', ptraceDetach, thread, 0, 0);
  }
}
