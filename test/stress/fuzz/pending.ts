import { setImmediate, setTimeout } from 'node:timers/promises';

/** What a promise is known by. */
export interface Origin {
  readonly call: number;
  readonly name: string;
  /** Whether it must settle once everything is closed. */
  readonly bounded: boolean;
}

/** The promises that calls have answered with, until they are settled. */
export class Pending {
  readonly #waiting = new Map<number, Origin>();
  #count = 0;

  /** How many were followed so far. */
  get count(): number {
    return this.#count;
  }

  follow(
    promise: Promise<unknown>,
    origin: Origin,
    settled: { readonly fulfilled: (value: unknown) => void; readonly rejected: (reason: unknown) => void },
  ): void {
    const id = this.#count++;
    if (origin.bounded) this.#waiting.set(id, origin);
    promise.then(
      (value) => {
        this.#waiting.delete(id);
        settled.fulfilled(value);
      },
      (reason: unknown) => {
        this.#waiting.delete(id);
        settled.rejected(reason);
      },
    );
  }

  /**
   * Waits until all are settled, for so long.
   *
   * @param collect collects garbage: a listener that nobody refers to any more, its queue full, keeps a `connect`
   *   trying
   * @returns those that hang
   */
  async rest(limitMs: number, collect: () => Promise<void>): Promise<Origin[]> {
    const end = performance.now() + limitMs;
    while (this.#waiting.size > 0 && performance.now() < end) {
      await setImmediate();
      await setTimeout(5);
      if (this.#waiting.size > 0) await collect();
    }
    return [...this.#waiting.values()];
  }
}
