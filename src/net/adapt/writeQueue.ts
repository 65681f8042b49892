import type { TurnBudget } from '../../reactor/turnBudget.ts';
import { type ByteSink, Outgoing } from '../core/sendAll.ts';

type Done = (error?: Error | null) => void;

/** The one write that a Writable has under way: goes on whenever there is room, until all of it is taken. */
export class WriteQueue {
  readonly #sink: ByteSink;
  readonly #progress: () => void;
  readonly #budget: TurnBudget;
  #outgoing: Outgoing | undefined;
  #done: Done | undefined;
  #resting = false;

  /** @param progress called when it went on in a later turn */
  constructor(sink: ByteSink, budget: TurnBudget, progress: () => void) {
    this.#sink = sink;
    this.#budget = budget;
    this.#progress = progress;
  }

  /** Whether it waits for room. */
  get waiting(): boolean {
    return this.#done !== undefined && !this.#resting;
  }

  /** @param done called once, when all is taken or a write has failed; at once where that is so at once */
  add(data: readonly Uint8Array[], done: Done): void {
    this.#outgoing = new Outgoing(data);
    this.#done = done;
    this.goOn();
  }

  /** Nothing will be taken any more. */
  clear(): void {
    this.#done = undefined;
    this.#outgoing = undefined;
  }

  /** There may be room. */
  goOn(): void {
    if (this.#done === undefined || this.#resting) return;
    let error: Error | undefined;
    try {
      if (!this.#flush()) return;
    } catch (reason) {
      error = reason as Error;
    }
    const done = this.#done;
    this.#done = undefined;
    this.#outgoing = undefined;
    done(error);
  }

  #flush(): boolean {
    const state = this.#outgoing?.send(this.#sink, this.#budget) ?? 'sent';
    if (state === 'spent') this.#pause();
    return state === 'sent';
  }

  #pause(): void {
    this.#resting = true;
    this.#budget.restThen(() => {
      this.#resting = false;
      this.goOn();
      this.#progress();
    });
  }
}
