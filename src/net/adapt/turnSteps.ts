import { setImmediate } from 'node:timers';

/** What is done in an immediate of its own. */
export interface Step {
  step(): void;
}

// In one turn of the event loop: timers and other I/O of the host wait meanwhile.
const mostSteps = 16;
// How many steps that are done may lie before those that are due: taking each off by itself would cost as many moves as
// are due.
const longestDone = 256;
const settled = Promise.resolve();

/**
 * Does steps one after another, each in an immediate of its own: Node runs ticks and promises between two immediates,
 * as it does between two callbacks of its own sockets.
 *
 * An immediate that is asked for within another one belongs to the next turn of the loop, which costs more than a step.
 * So immediates are made ahead, one at least and up to 16 while there is work for them: a step that becomes due is done
 * in the same turn. Those made ahead hold nobody back; while steps wait, the first of them keeps the loop turning.
 *
 * They are made when the ticks and promises of the turn's last step have run: an immediate that a listener has asked
 * for comes before the next turn's steps, as it comes before the next poll with Node's own sockets. TLS on a stream
 * relies on that.
 */
export class TurnSteps {
  readonly #due: Step[] = [];
  #next = 0;
  readonly #users = new Set<object>();
  // The immediates of the turn at hand: how many were made, and are still to come; how many had a step to do.
  #made = 0;
  #toCome = 0;
  #used = 0;
  // How many to make for the next turn, from the first immediate of this one until it is done.
  #wanted = 0;
  // Those that were made: how many, and the first.
  #ahead = 0;
  #first: NodeJS.Immediate | undefined;

  /** Immediates are made ahead from now on. The user is kept until it leaves, whoever else has forgotten it. */
  enter(user: object): void {
    this.#users.add(user);
    if (this.#wanted === 0 && this.#first === undefined) this.#make(1);
  }

  leave(user: object): void {
    this.#users.delete(user);
  }

  /** Does a step as soon as can be, behind those that are due already. */
  add(step: Step): void {
    this.#due.push(step);
    if (this.#wanted > 0) return;
    if (this.#first === undefined) this.#make(1);
    this.#first?.ref();
  }

  readonly #run = (): void => {
    if (this.#toCome === 0) this.#begin();
    const last = --this.#toCome === 0;
    const step = this.#take();
    if (step !== undefined) this.#used++;
    try {
      step?.step();
    } finally {
      if (last) this.#end(step !== undefined);
    }
  };

  get #waiting(): boolean {
    return this.#due.length > this.#next;
  }

  #begin(): void {
    this.#made = this.#toCome = this.#ahead;
    this.#used = 0;
    this.#wanted = 1;
    this.#first = undefined;
  }

  #end(stepped: boolean): void {
    this.#wanted = this.#waiting ? Math.min(this.#made * 2, mostSteps) : Math.max(this.#used, 1);
    // A tick that a promise asks for comes when all ticks and promises of the step have run.
    if (stepped) void settled.then(this.#soon);
    else this.#prepare();
  }

  readonly #soon = (): void => process.nextTick(this.#prepare);

  readonly #prepare = (): void => {
    const count = this.#wanted;
    this.#wanted = 0;
    if (this.#users.size > 0 || this.#waiting) this.#make(count);
    if (this.#waiting) this.#first?.ref();
  };

  #make(count: number): void {
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
