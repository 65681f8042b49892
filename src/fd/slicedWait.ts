import {
  EINTR,
  epoll_pwait,
  epoll_pwait2,
  epoll_wait,
  type EpollEventBuffer,
  pthread_sigmask,
  SIG_BLOCK,
  SIG_SETMASK,
  SignalSet,
} from '../sys/index.ts';
import { preciseMs } from '../sys/monotonicMs.ts';

// A thread inside a C call cannot be stopped: worker.terminate() waits for the call, and process.exit() waits for the
// worker (a worker in epoll_wait(-1) made it hang for ever on Node 20 and 26). After each slice V8 looks whether it
// must end.
const sliceMs = 100;

/** What to wait for, and how long. */
export interface SlicedWait {
  readonly epfd: number;
  readonly buffer: EpollEventBuffer;
  readonly maxevents: number;
  /** Milliseconds, fractions allowed; Infinity waits for ever. */
  readonly timeoutMs: number;
  /** Signals blocked while waiting, or null. */
  readonly sigmask: SignalSet | null;
}

/**
 * Calls `wait` with at most 100 ms at a time until it answers something else than 0 or -EINTR, or the time is over.
 *
 * A signal (EINTR) neither ends the wait nor moves its deadline, which a monotonic clock keeps.
 *
 * @param timeoutMs milliseconds, fractions allowed; Infinity waits for ever
 * @param wait waits at least that many milliseconds, which may have a fraction
 * @returns what `wait` answered last, 0 when the time was over
 */
export function sliced(timeoutMs: number, wait: (ms: number) => number): number {
  const deadline = timeoutMs === 0 ? 0 : preciseMs() + timeoutMs;
  let remaining = timeoutMs;
  for (;;) {
    const answer = wait(Math.min(remaining, sliceMs));
    if (answer !== 0 && answer !== -EINTR) return answer;
    if (timeoutMs === 0) return 0;
    remaining = deadline - preciseMs();
    if (remaining <= 0) return 0;
  }
}

/**
 * Waits on an epoll descriptor in slices. The time is rounded up.
 *
 * @returns the number of events, 0 when the time was over, or -errno
 */
export function slicedWait(options: SlicedWait): number {
  const { timeoutMs, sigmask } = options;
  const wait = (ms: number): number => waitOnce(options, ms);
  return sigmask === null || timeoutMs <= sliceMs
    ? sliced(timeoutMs, wait)
    : blocking(sigmask, () => sliced(timeoutMs, wait));
}

/**
 * One slice of such a wait, in one call.
 *
 * @returns the number of events, 0 when the time was over, or -errno
 */
export function waitOnce({ epfd, buffer, maxevents, sigmask }: Omit<SlicedWait, 'timeoutMs'>, ms: number): number {
  if (!Number.isInteger(ms)) return epoll_pwait2(epfd, buffer, maxevents, BigInt(Math.ceil(ms * 1e6)), sigmask);
  return sigmask === null ? epoll_wait(epfd, buffer, maxevents, ms) : epoll_pwait(epfd, buffer, maxevents, ms, sigmask);
}

/**
 * The same without a signal mask, for a wait that is made over and over: it allocates nothing, and asks a clock only
 * where there is a deadline to keep.
 *
 * @returns the number of events, 0 when the time was over, or -errno
 */
export function slicedEpollWait(epfd: number, buffer: EpollEventBuffer, maxevents: number, timeoutMs: number): number {
  if (timeoutMs === 0) {
    const answer = epoll_wait(epfd, buffer, maxevents, 0);
    return answer === -EINTR ? 0 : answer;
  }
  if (timeoutMs !== Infinity) return slicedWait({ epfd, buffer, maxevents, timeoutMs, sigmask: null });
  for (;;) {
    const answer = epoll_wait(epfd, buffer, maxevents, sliceMs);
    if (answer !== 0 && answer !== -EINTR) return answer;
  }
}

// Between two slices the thread has its own mask again: a signal that is to stay pending during the wait would come
// then.
function blocking(signals: SignalSet, wait: () => number): number {
  const before = new SignalSet();
  pthread_sigmask(SIG_BLOCK, signals, before);
  try {
    return wait();
  } finally {
    pthread_sigmask(SIG_SETMASK, before);
  }
}
