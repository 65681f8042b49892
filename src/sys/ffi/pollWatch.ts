import { AsyncResource } from 'node:async_hooks';
import { clearImmediate, setImmediate } from 'node:timers';
import type * as Koffi from 'koffi';
import type { LoopWatch } from './backend.ts';
import { pinModule } from './pinnedModule.ts';
import { type LoopHandle, quietHandle } from './quietHandle.ts';

// What handlers see as their asynchronous context: that of this module, not of whoever registered first.
const root = new AsyncResource('EPOLLREACTOR');

/**
 * A watch by Node's own loop, over koffi's `PollHandle`, which closes itself when its thread ends.
 *
 * koffi's callback into JavaScript is not used where that can be avoided (see quietHandle): the loop wakes up for the
 * descriptor, and an immediate that is always there, and holds nobody back, runs in the same iteration. Immediates are
 * Node's own: promises and `nextTick` run after them, throws surface, and a thread that is ending does not run them. In the
 * callback none of this is so: promises rest on Node ≥ 26.4 (nodejs/node#62969), a throw is swallowed and the loop spins at
 * 100 % CPU, and in a worker that is being terminated koffi 3.3.4 aborts the process (seen on Node 20 to 26).
 *
 * koffi crashes too (SIGSEGV) when a closed handle is touched, so every method asks first. The handle is held strongly: one
 * that is collected stops to watch without a word.
 */
export class PollWatch implements LoopWatch {
  readonly #onReadable: () => void;
  readonly #quiet: LoopHandle | undefined;
  #handle: Koffi.node.PollHandle | undefined;
  #immediate: NodeJS.Immediate | undefined;

  constructor(koffi: typeof Koffi, fd: number, onReadable: () => void) {
    pinModule(koffi);
    this.#onReadable = onReadable;
    this.#handle = koffi.node.poll(fd, { readable: true }, this.#called);
    this.#quiet = quietHandle(koffi, fd);
    if (this.#quiet !== undefined) root.runInAsyncScope(() => this.#await());
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
    clearImmediate(this.#immediate);
    handle?.close();
  }

  // koffi's callback, where the handle could not be made quiet. Nothing may throw here, and nothing but this may be done.
  readonly #called = (): void => {
    this.#immediate ??= root.runInAsyncScope(setImmediate, undefined, this.#turn);
  };

  readonly #turn = (): void => {
    this.#immediate = undefined;
    if (this.#handle !== undefined) this.#onReadable();
  };

  #await(): void {
    this.#immediate = setImmediate(this.#look).unref();
  }

  readonly #look = (): void => {
    if (this.#handle === undefined) return;
    this.#await();
    if (this.#quiet?.fired() === true) this.#onReadable();
  };
}
