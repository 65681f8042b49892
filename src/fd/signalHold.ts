import { pthread_sigmask, SIG_BLOCK, SIG_UNBLOCK, SignalSet } from '../sys/index.ts';
import { check } from './systemError.ts';

// A signal mask belongs to a thread, and so does this module: each worker has its own copy.
const holders = new Map<number, { count: number; readonly wasBlocked: boolean }>();

/** Blocks signals in the calling thread, until the last hold on each is released. */
export class SignalHold {
  /** By number. */
  readonly signals: readonly number[];

  constructor(signals: SignalSet) {
    const before = new SignalSet();
    check(pthread_sigmask(SIG_BLOCK, signals, before), 'pthread_sigmask');
    this.signals = signals.values();
    for (const signal of this.signals) {
      const holder = holders.get(signal);
      if (holder === undefined) holders.set(signal, { count: 1, wasBlocked: before.has(signal) });
      else holder.count++;
    }
  }

  /**
   * The signals that `release` will unblock: no one else holds them, and they were not blocked before the first hold.
   */
  get last(): SignalSet {
    return new SignalSet(
      this.signals.filter((signal) => {
        const holder = holders.get(signal);
        return holder?.count === 1 && !holder.wasBlocked;
      }),
    );
  }

  /** To be called once. */
  release(): void {
    const { last } = this;
    for (const signal of this.signals) {
      const holder = holders.get(signal);
      if (holder !== undefined && --holder.count === 0) holders.delete(signal);
    }
    check(pthread_sigmask(SIG_UNBLOCK, last), 'pthread_sigmask');
  }
}
