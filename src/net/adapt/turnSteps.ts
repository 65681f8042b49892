import { setImmediate } from 'node:timers';

/** What is done in an immediate of its own. */
export interface Step {
  step(): void;
}

// In one turn of the event loop: timers and other I/O of the host wait meanwhile.
const mostSteps = 16;
// How many steps that are done may lie before those that are due: taking each off by itself would cost as many moves as are due.
const longestDone = 256;

/**
 * Does steps one after another, each in an immediate of its own: Node runs ticks and promises between two immediates, as it does
 * between two callbacks of its own sockets.
 *
 * An immediate that is asked for within another one belongs to the next turn of the loop, which costs more than a step. So
 * immediates are made ahead, one at least and up to 16 while there is work for them: a step that becomes due is done in the same
 * turn. Those made ahead hold nobody back; while steps wait, the first of them keeps the loop turning.
 */
export class TurnSteps {
  readonly #due: Step[] = [];
  #next = 0;
  readonly #users = new Set<object>();
  // The immediates of the turn at hand: how many were made, and are still to come; how many had a step to do.
  #made = 0;
  #toCome = 0;
  #used = 0;
  // Whether steps were left when the last of them had run.
  #behind = false;
  // Those of the next turn.
  #ahead = 0;
  #first: NodeJS.Immediate | undefined;

  /** Immediates are made ahead from now on. The user is kept until it leaves, whoever else has forgotten it. */
  enter(user: object): void {
    this.#users.add(user);
    this.#prepare(1);
  }

  leave(user: object): void {
    this.#users.delete(user);
  }

  /** Does a step as soon as can be, behind those that are due already. */
  add(step: Step): void {
    this.#due.push(step);
    this.#prepare(1);
    if (this.#toCome === 0) this.#first?.ref();
  }

  readonly #run = (): void => {
    if (this.#toCome === 0) this.#begin();
    this.#toCome--;
    const step = this.#take();
    // Before the step, which can throw.
    if (this.#toCome === 0 && this.#waiting) this.#first?.ref();
    if (step === undefined) return;
    this.#used++;
    step.step();
    if (this.#toCome === 0) this.#behind = this.#waiting;
  };

  get #waiting(): boolean {
    return this.#due.length > this.#next;
  }

  // The first immediate of a turn: those of the next turn are made, as many as the last one had use for.
  #begin(): void {
    const count = this.#behind ? Math.min(this.#made * 2, mostSteps) : Math.max(this.#used, 1);
    this.#made = this.#toCome = this.#ahead;
    this.#used = 0;
    this.#behind = false;
    this.#first = undefined;
    if (this.#users.size > 0) this.#prepare(count);
  }

  #prepare(count: number): void {
    if (this.#first !== undefined) return;
    this.#ahead = count;
    this.#first = setImmediate(this.#run).unref();
    for (let made = 1; made < count; made++) setImmediate(this.#run).unref();
  }

  #take(): Step | undefined {
    const step = this.#due[this.#next];
    if (step === undefined) return undefined;
    this.#next++;
    if (this.#next < this.#due.length && this.#next < longestDone) return step;
    this.#due.splice(0, this.#next);
    this.#next = 0;
    return step;
  }
}

let steps: TurnSteps | undefined;

/** Those of this thread. */
export function threadSteps(): TurnSteps {
  return (steps ??= new TurnSteps());
}
