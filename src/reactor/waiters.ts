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
}

/** Promises that wait for bits of one registration's readiness, in the order in which they were made. */
export class Waiters {
  #waiting: Waiter[] = [];

  /** Whether nothing waits. */
  get idle(): boolean {
    return this.#waiting.length === 0;
  }

  /** All bits that are waited for. */
  get bits(): number {
    let all = 0;
    for (const { bits } of this.#waiting) all |= bits;
    return all;
  }

  /**
   * Waits for any of `bits`.
   *
   * @param onIdle called when an abort took the last waiter away
   */
  wait(bits: number, signal: AbortSignal | undefined, onIdle: () => void): Promise<number> {
    return new Promise((resolve, reject) => {
      // Nearly always: nothing to take down when it ends.
      if (signal === undefined) this.#waiting.push({ bits, settle: resolve, fail: reject });
      else this.#waiting.push(this.#abortable({ bits, settle: resolve, fail: reject }, signal, onIdle));
    });
  }

  #abortable({ bits, settle, fail }: Waiter, signal: AbortSignal, onIdle: () => void): Waiter {
    const abort = (): void => {
      this.#waiting = this.#waiting.filter((other) => other !== waiter);
      waiter.fail(signal.reason);
      if (this.idle) onIdle();
    };
    const waiter: Waiter = {
      bits,
      settle: (readiness) => {
        signal.removeEventListener('abort', abort);
        settle(readiness);
      },
      fail: (reason) => {
        signal.removeEventListener('abort', abort);
        fail(reason);
      },
    };
    signal.addEventListener('abort', abort, { once: true });
    return waiter;
  }

  /** Resolves those that wait for a bit of `readiness`. */
  settle(readiness: number): void {
    const all = this.#waiting;
    if (all.length === 1) {
      // Nearly always. Whoever waits goes on when this is over, so the list can be changed as it is.
      if (((all[0] as Waiter).bits & readiness) !== 0) (all.pop() as Waiter).settle(readiness);
      return;
    }
    this.#waiting = all.filter((waiter) => (waiter.bits & readiness) === 0);
    for (const waiter of all) if ((waiter.bits & readiness) !== 0) waiter.settle(readiness);
  }

  /** Rejects all. */
  fail(reason: unknown): void {
    const all = this.#waiting;
    this.#waiting = [];
    for (const waiter of all) waiter.fail(reason);
  }
}
