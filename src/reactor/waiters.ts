/** How long a wait for readiness may be abandoned: on abort it rejects with the signal's reason. */
export interface ReadinessOptions {
  readonly signal?: AbortSignal;
}

interface Waiter {
  readonly bits: number;
  settle(readiness: number): void;
  fail(reason: unknown): void;
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
    return this.#waiting.reduce((all, waiter) => all | waiter.bits, 0);
  }

  /**
   * Waits for any of `bits`.
   *
   * @param onIdle called when an abort took the last waiter away
   */
  wait(bits: number, signal: AbortSignal | undefined, onIdle: () => void): Promise<number> {
    return new Promise((resolve, reject) => {
      const abort = (): void => {
        this.#waiting = this.#waiting.filter((other) => other !== waiter);
        waiter.fail(signal?.reason);
        if (this.idle) onIdle();
      };
      const waiter: Waiter = {
        bits,
        settle: (readiness) => {
          signal?.removeEventListener('abort', abort);
          resolve(readiness);
        },
        fail: (reason) => {
          signal?.removeEventListener('abort', abort);
          // eslint-disable-next-line typescript/prefer-promise-reject-errors -- an abort reason can be any value, and is passed on as it is
          reject(reason);
        },
      };
      signal?.addEventListener('abort', abort, { once: true });
      this.#waiting.push(waiter);
    });
  }

  /** Resolves those that wait for a bit of `readiness`. */
  settle(readiness: number): void {
    const all = this.#waiting;
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
