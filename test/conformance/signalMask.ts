import { pthread_sigmask, SIG_BLOCK, SIG_SETMASK, SignalSet } from 'epoll-ts/sys';
import { must } from './answer.ts';

/** The signals that the calling thread blocks. */
export function currentMask(): number[] {
  const set = new SignalSet();
  must(pthread_sigmask(SIG_BLOCK, null, set), 'pthread_sigmask');
  return set.values();
}

/** Makes the calling thread block exactly these signals. */
export function setMask(signals: readonly number[]): void {
  must(pthread_sigmask(SIG_SETMASK, new SignalSet(signals)), 'pthread_sigmask');
}

/** Makes the calling thread block every signal, so that none meant for the process ends in it. */
export function blockAllSignals(): void {
  setMask(Array.from({ length: 64 }, (_, index) => index + 1));
}
