import { StepError } from './stepResult.ts';

const queuedAt = 0;
const doneAt = 1;

/** How many steps each thread has been given and has finished, in memory that all threads see. */
export class ThreadBoard {
  readonly names: readonly string[];
  readonly memory: SharedArrayBuffer;
  readonly #counters: Int32Array;

  constructor(
    names: readonly string[],
    memory: SharedArrayBuffer = new SharedArrayBuffer(8 * Math.max(1, names.length)),
  ) {
    this.names = names;
    this.memory = memory;
    this.#counters = new Int32Array(memory);
  }

  /** Tells the thread that a step was posted to it. */
  announce(name: string): void {
    const at = this.#slot(name) + queuedAt;
    Atomics.add(this.#counters, at, 1);
    Atomics.notify(this.#counters, at);
  }

  /** Blocks until more steps have been announced to the thread than it has taken. */
  awaitStep(name: string, taken: number): void {
    Atomics.wait(this.#counters, this.#slot(name) + queuedAt, taken);
  }

  /** Tells that the thread finished a step. */
  finish(name: string): void {
    const at = this.#slot(name) + doneAt;
    Atomics.add(this.#counters, at, 1);
    Atomics.notify(this.#counters, at);
  }

  /** Blocks until the thread has finished all its steps. False: it did not within the limit. */
  join(name: string, limitMs: number): boolean {
    const slot = this.#slot(name);
    const deadline = performance.now() + limitMs;
    for (;;) {
      const done = Atomics.load(this.#counters, slot + doneAt);
      if (done === Atomics.load(this.#counters, slot + queuedAt)) return true;
      const rest = deadline - performance.now();
      if (rest <= 0) return false;
      Atomics.wait(this.#counters, slot + doneAt, done, rest);
    }
  }

  #slot(name: string): number {
    const index = this.names.indexOf(name);
    if (index < 0) throw new StepError(`no step runs on a thread ${name}`);
    return 2 * index;
  }
}
