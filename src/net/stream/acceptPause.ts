import { clearTimeout, setTimeout } from 'node:timers';
import { creationAdvice } from '../../fd/advice.ts';
import { SystemError } from '../../fd/systemError.ts';
import { readableBits } from '../../reactor/readiness.ts';
import { Waiters } from '../../reactor/waiters.ts';

// A connection waits at most this long after descriptors are there again; asking costs some microseconds.
const pauseMs = 50;

/** The time in which a listener does not ask for connections as none can be had: one for all that wait at it. */
export class AcceptPause {
  readonly #waiters = new Waiters();
  #timer: NodeJS.Timeout | undefined;
  #warned = false;
  #refed = true;

  /** Whether nothing is to be asked for now. */
  get on(): boolean {
    return this.#timer !== undefined;
  }

  /** Begins, and says so once an episode. @param answer of accept4(2) to the descriptor `fd` */
  begin(answer: number, fd: number): void {
    if (this.#timer === undefined) {
      this.#timer = setTimeout(() => this.#end(), pauseMs);
      this.keepAlive(this.#refed);
    }
    if (this.#warned) return;
    this.#warned = true;
    const { message } = new SystemError(answer, 'accept4', { fd }, creationAdvice(answer));
    process.emitWarning(`${message}; connections wait in the queue until then`, {
      type: 'ListenerExhaustedWarning',
      code: 'EPOLL_TS_ACCEPT',
    });
  }

  /** Whether it keeps the process alive, as the listener does for what waits; it does at first. */
  keepAlive(refed: boolean): void {
    this.#refed = refed;
    if (refed) this.#timer?.ref();
    else this.#timer?.unref();
  }

  /** Resolves when it is over. */
  async over(signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    await this.#waiters.wait(readableBits, signal, () => {});
  }

  #end(): void {
    this.#timer = undefined;
    this.#waiters.settle(readableBits);
  }

  /** The queue is empty again. At the limit connections come one by one, as others close: that is one episode. */
  caughtUp(): void {
    this.#warned = false;
  }

  /** Rejects what waits. */
  fail(reason: unknown): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#waiters.fail(reason);
  }
}
