import { setImmediate } from 'node:timers';
import type * as Koffi from 'koffi';
import type { LoopWatch } from './backend.ts';
import { inEmptyContext } from './emptyContext.ts';
import { pinModule } from './pinnedModule.ts';
import { type LoopHandle, quietHandle } from './quietHandle.ts';

// How often a busy watch is called in one turn of the loop: timers and other I/O of the host wait meanwhile.
const mostCalls = 16;
// For how many turns in a row a watch must have been busy before it is called more than once in one.
const patience = 32;

/**
 * A watch by Node's own loop, over koffi's `PollHandle`, which closes itself when its thread ends.
 *
 * koffi's callback into JavaScript is not used where that can be avoided (see quietHandle): the loop wakes up for the
 * descriptor, and an immediate that is always there, and holds nobody back, runs in the same iteration. Immediates are
 * Node's own: promises and `nextTick` run after them, throws surface, and a thread that is ending does not run them. In
 * the callback none of this is so: promises rest on Node ≥ 26.4 (nodejs/node#62969), a throw is swallowed and the loop
 * spins at 100 % CPU, and in a worker that is being terminated koffi 3.3.4 aborts the process (seen on Node 20 to 26).
 *
 * When each call has found something for a while, the next turn gets more immediates, up to 16 in all: a turn of the
 * loop costs more than the rest of an event, and Node runs promises and `nextTick` between two immediates. A call that
 * finds nothing ends that.
 *
 * koffi crashes too (SIGSEGV) when a closed handle is touched, so every method asks first. The handle is held strongly:
 * one that is collected stops to watch without a word.
 */
export class PollWatch implements LoopWatch {
  readonly #onReadable: (again: boolean) => boolean;
  readonly #quiet: LoopHandle | undefined;
  #handle: Koffi.node.PollHandle | undefined;
  #scheduled = false;
  // The calls that were made ready for the turn of the loop at hand and for the next one, how many of this turn's found
  // something, and whether to go on.
  #prepared = 1;
  #preparedNext = 1;
  #busyTurns = 0;
  #found = 0;
  #more = false;

  constructor(koffi: typeof Koffi, fd: number, onReadable: (again: boolean) => boolean) {
    pinModule(koffi);
    this.#onReadable = onReadable;
    this.#handle = koffi.node.poll(fd, { readable: true }, this.#called);
    this.#quiet = quietHandle(koffi, fd);
    if (this.#quiet !== undefined) inEmptyContext(() => this.#await());
  }

  ref(): void {
    this.#handle?.ref();
  }

  unref(): void {
    this.#handle?.unref();
  }

  close(): void {
    const handle = this.#handle;
    this.#handle = undefined;
    // The immediate is left to run, and finds no handle: Node 20 loses its queue, and spins for ever, when an immediate
    // is cleared in an uncaughtException listener and the one before it is what threw.
    handle?.close();
  }

  // koffi's callback, where the handle could not be made quiet. Nothing may throw here, and nothing but this may be
  // done.
  readonly #called = (): void => {
    if (this.#scheduled) return;
    this.#scheduled = true;
    inEmptyContext(() => setImmediate(this.#turn));
  };

  readonly #turn = (): void => {
    this.#scheduled = false;
    if (this.#handle !== undefined) this.#onReadable(false);
  };

  #await(): void {
    setImmediate(this.#look).unref();
  }

  // The first immediate of a turn of the loop. What is scheduled here belongs to the next one.
  readonly #look = (): void => {
    if (this.#handle === undefined) return;
    const busy = this.#found === this.#prepared;
    this.#busyTurns = this.#found === 0 ? 0 : this.#busyTurns + 1;
    this.#prepared = this.#preparedNext;
    if (this.#busyTurns < patience) this.#preparedNext = 1;
    else this.#preparedNext = busy ? Math.min(this.#prepared * 2, mostCalls) : Math.max(1, this.#found);
    this.#found = 0;
    this.#await();
    for (let extra = 1; extra < this.#preparedNext; extra++) setImmediate(this.#lookAgain).unref();
    this.#more = this.#quiet?.fired() === true;
    if (this.#more) this.#call(false);
  };

  readonly #lookAgain = (): void => {
    if (this.#more && this.#handle !== undefined) this.#call(true);
  };

  #call(again: boolean): void {
    // Where it throws, the next turn of the loop goes on.
    this.#more = false;
    this.#more = this.#onReadable(again);
    if (this.#more) this.#found++;
  }
}
