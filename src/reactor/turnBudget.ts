import { setImmediate } from 'node:timers';

// A peer that is as fast as we are lets every operation succeed at once: without a limit, timers and other sockets
// would wait for ever. 1 MiB takes well under a millisecond (loopback).
const bytesPerTurn = 1_048_576;
// What an operation costs, however little it moves: 32 of them in a row. Reactors of other languages have the same
// figure, within a factor of 4.
const leastCost = 32_768;

/**
 * What one object may do in one turn of the event loop: 1 MiB, or 32 operations. Then it rests until the next turn, and
 * the others have theirs. Everything that moves bytes, accepts or iterates has one.
 *
 * - A loop that awaits: `if (budget.spend(count)) await budget.rest();` behind each operation that did not wait.
 * - A loop of callbacks: `if (budget.spend(count)) return budget.restThen(goOn);`
 * - `budget.renew()` where it waits for the kernel: the others have their turn meanwhile.
 *
 * Every value of an iterator is one operation.
 */
export class TurnBudget {
  #left = bytesPerTurn;

  /** Whether the share of this turn is used up. */
  get usedUp(): boolean {
    return this.#left <= 0;
  }

  /**
   * One operation was done.
   *
   * @param bytes how many it moved
   * @returns `usedUp`
   */
  spend(bytes: number = 0): boolean {
    this.#left -= bytes > leastCost ? bytes : leastCost;
    return this.#left <= 0;
  }

  /** The event loop turns before the next operation. */
  renew(): void {
    this.#left = bytesPerTurn;
  }

  /** Resolves in the next turn, with a new share. */
  rest(): Promise<void> {
    return new Promise((resolve) => {
      this.restThen(resolve);
    });
  }

  /** Calls back in the next turn, with a new share. */
  restThen(goOn: () => void): void {
    // From node:timers: the global one can be a fake that never fires.
    setImmediate(() => {
      this.renew();
      goOn();
    });
  }
}
