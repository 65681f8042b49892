import { AsyncResource } from 'node:async_hooks';
import type { ByteChannel } from '../core/byteChannel.ts';
import { Outgoing } from '../core/sendAll.ts';
import { type Step, threadSteps } from './turnSteps.ts';

type Done = (error?: Error | null) => void;

/** The one write that a Writable has under way: goes on whenever there is room, until all of it is taken. */
export class DuplexWriter implements Step {
  readonly #channel: ByteChannel;
  readonly #progress: () => void;
  readonly #waits: () => void;
  #outgoing: Outgoing | undefined;
  // Of a write that could not be done at once: whom to tell, and in which context.
  #done: Done | undefined;
  #context: AsyncResource | undefined;
  #due = false;

  /**
   * @param progress called each time that the kernel has taken some
   * @param waits called when what it waits for has changed
   */
  constructor(channel: ByteChannel, progress: () => void, waits: () => void) {
    this.#channel = channel;
    this.#progress = progress;
    this.#waits = waits;
  }

  /** Whether it waits for an event. */
  get waiting(): boolean {
    return this.#done !== undefined && !this.#due;
  }

  /**
   * Writes all of it.
   *
   * @param done called once, when all is taken or a write has failed: at once where that is so at once, and otherwise
   *   later, in the context of this call
   */
  add(data: readonly Uint8Array[], done: Done): void {
    let ended;
    try {
      this.#outgoing = new Outgoing(data);
      ended = this.#send();
    } catch (error) {
      this.#outgoing = undefined;
      return done(error as Error);
    }
    if (ended) return done();
    this.#done = done;
    this.#context = new AsyncResource('EPOLLWRITE');
    this.#waits();
  }

  /** There may be room. */
  goOn(): void {
    if (this.#done === undefined || this.#due) return;
    this.#due = true;
    threadSteps().add(this);
  }

  step(): void {
    this.#due = false;
    if (this.#outgoing === undefined) return;
    let ended;
    let error: Error | undefined;
    try {
      ended = this.#send();
    } catch (reason) {
      error = reason as Error;
    }
    if (ended === false) return this.#waits();
    this.#end(error);
  }

  /** Nothing is sent any more; the write that is under way, if there is one, is ended by `fail`. */
  stop(): void {
    this.#outgoing = undefined;
  }

  /** The write that is under way has failed, if there is one. */
  fail(error: Error): void {
    this.#end(error);
  }

  #send(): boolean {
    const outgoing = this.#outgoing as Outgoing;
    const before = outgoing.sent;
    const { budget } = this.#channel.readiness;
    const state = outgoing.send(this.#channel, budget);
    if (outgoing.sent > before) this.#progress();
    if (state === 'sent') this.#outgoing = undefined;
    if (state === 'spent') {
      this.#due = true;
      budget.restThen(() => this.step());
    }
    return state === 'sent';
  }

  #end(error?: Error): void {
    const done = this.#done;
    this.#done = undefined;
    this.#outgoing = undefined;
    if (done !== undefined) this.#context?.runInAsyncScope(done, undefined, error);
    this.#waits();
  }
}
