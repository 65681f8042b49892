import { offAbort, onAbort } from './onAbort.ts';
import { anAbortSignal } from '../sys/optionKind.ts';
import { type OptionsReader, optionsReader } from '../sys/optionsReader.ts';

/** How a wait for readiness is given up. */
export interface ReadinessOptions {
  /** On abort the wait rejects with its reason. */
  readonly signal?: AbortSignal;
}

/** @throws {TypeError} for a wrong option */
export const readReadinessOptions: OptionsReader<ReadinessOptions> = optionsReader<ReadinessOptions>(
  'wait',
  '{ signal }',
  {
    signal: anAbortSignal,
  },
);

interface Waiter {
  readonly bits: number;
  readonly settle: (readiness: number) => void;
  readonly fail: (reason: unknown) => void;
  /** Given up: it is passed over, and leaves the list with others. */
  gone: boolean;
}

// Given-up waits stay in the list until they are as many as the others, so that n aborted together cost n.
const fewGone = 16;

/** Promises that wait for bits of one registration's readiness, in the order in which they were made. */
export class Waiters {
  #all: Waiter[] = [];
  #gone = 0;
  #bits = 0;

  /** Whether nothing waits. */
  get idle(): boolean {
    return this.#all.length === this.#gone;
  }

  /** All bits that are waited for; since the last event some that were given up may be among them. */
  get bits(): number {
    return this.#bits;
  }

  /**
   * Waits for any of `bits`.
   *
   * @param onIdle called when an abort took the last waiter away
   */
  wait(bits: number, signal: AbortSignal | undefined, onIdle: () => void): Promise<number> {
    return new Promise((resolve, reject) => {
      const waiter = { bits, settle: resolve, fail: reject, gone: false };
      // Nearly always: nothing to take down when it ends.
      this.#add(signal === undefined ? waiter : this.#abortable(waiter, signal, onIdle));
    });
  }

  #add(waiter: Waiter): void {
    this.#all.push(waiter);
    this.#bits |= waiter.bits;
  }

  #abortable({ bits, settle, fail }: Waiter, signal: AbortSignal, onIdle: () => void): Waiter {
    const abort = (): void => {
      if (waiter.gone) return;
      waiter.gone = true;
      this.#gone++;
      fail(signal.reason);
      if (this.idle) this.#clear();
      else if (this.#gone > fewGone && this.#gone > this.#all.length / 2) this.#keep((other) => !other.gone);
      if (this.idle) onIdle();
    };
    const waiter: Waiter = {
      bits,
      settle: (readiness) => {
        settle(readiness);
        forget(signal, abort);
      },
      fail: (reason) => {
        fail(reason);
        forget(signal, abort);
      },
      gone: false,
    };
    onAbort(signal, abort);
    return waiter;
  }

  /** Resolves those that wait for a bit of `readiness`. */
  settle(readiness: number): void {
    const all = this.#all;
    if (all.length === 1) {
      // Nearly always. Whoever waits goes on when this is over, so the list can be changed as it is.
      if (((all[0] as Waiter).bits & readiness) === 0) return;
      this.#bits = 0;
      end(all.pop() as Waiter).settle(readiness);
      return;
    }
    this.#keep((waiter) => !waiter.gone && (waiter.bits & readiness) === 0);
    for (const waiter of all) if (!waiter.gone && (waiter.bits & readiness) !== 0) end(waiter).settle(readiness);
  }

  /** Rejects all. */
  fail(reason: unknown): void {
    const all = this.#all;
    this.#clear();
    for (const waiter of all) if (!waiter.gone) end(waiter).fail(reason);
  }

  #clear(): void {
    this.#all = [];
    this.#gone = 0;
    this.#bits = 0;
  }

  #keep(stays: (waiter: Waiter) => boolean): void {
    const all = this.#all.filter(stays);
    this.#clear();
    for (const waiter of all) this.#add(waiter);
  }
}

// An abort that comes while it is told does not count it once more.
function end(waiter: Waiter): Waiter {
  waiter.gone = true;
  return waiter;
}

function forget(signal: AbortSignal, abort: () => void): void {
  try {
    offAbort(signal, abort);
  } catch {
    // The signal's own method threw: the listener stays, and will find that the wait is over.
  }
}
