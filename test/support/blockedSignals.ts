import { pthread_sigmask, SIG_BLOCK, SignalSet } from 'epoll-ts/sys';

/** The signals that the calling thread blocks, by number. */
export function blockedSignals(): number[] {
  const mask = new SignalSet();
  pthread_sigmask(SIG_BLOCK, null, mask);
  return mask.values();
}
