import { ClosedError } from '../../fd/closedError.ts';
import { inspectable } from '../../fd/inspectable.ts';
import { watchOwnedFd } from '../../fd/ownedFd.ts';
import { SystemError } from '../../fd/systemError.ts';
import { offAbort, onAbort } from '../../reactor/onAbort.ts';
import type { ByteStream } from '../stream/byteStream.ts';
import type { Listener } from '../stream/listener.ts';
import type { Handlers } from './handlers.ts';
import { LocalHandlers } from './localHandlers.ts';
import { noCounts, openOf, type ServeCounts } from './serveCounts.ts';
import type { ServeOptions, ServeWorkersOptions } from './serveOptions.ts';
import { WorkerPool } from './workerPool.ts';

// The queue is no longer than SOMAXCONN; connections that come in while it is emptied are not waited for.
const longestQueue = 4096;
const defaultDeadlineMs = 10_000;

/**
 * A server at work, made by `serve`. `await server` waits until it has ended, as `await server.finished` does: an async
 * function that returns a server therefore returns when it has ended.
 *
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { serve, TcpListener } from 'epoll-ts/net';
 *
 * const listener = new TcpListener({ address: '127.0.0.1' });
 * const server = serve({ listener, onConnection: (stream) => stream.close() });
 * assert.equal(server.open, 0);
 * const { accepted } = await server.close();
 * assert.equal(accepted, 0);
 * assert.ok(listener.closed);
 * ```
 */
export class Server implements PromiseLike<ServeCounts> {
  static {
    inspectable(this.prototype, { open: ({ open }) => open, counts: ({ counts }) => counts });
  }

  /**
   * What became of the connections, when the server has stopped and all have ended.
   *
   * @throws (as a rejection) {SystemError} when the listener fails; EMFILE is no failure: connections wait in the queue
   * @throws (as a rejection) the error of a worker that could not start: the module was not found, has no
   *   `onConnection`, or threw; later, when no worker is left and five in a row could not start
   */
  readonly finished: Promise<ServeCounts>;
  readonly #listener: Listener<ByteStream>;
  readonly #most: number;
  readonly #stop = new AbortController();
  #handlers: Handlers | undefined;
  #wake: () => void = () => {};

  /** @internal */
  constructor(options: ServeOptions | ServeWorkersOptions) {
    this.#listener = options.listener;
    this.#most = options.maxConnections ?? Infinity;
    this.finished = this.#run(options);
  }

  /** What has become of the connections so far. */
  get counts(): ServeCounts {
    return this.#handlers?.counts ?? noCounts();
  }

  /** How many connections it has now. */
  get open(): number {
    return openOf(this.counts);
  }

  /**
   * Stops the server: no connection is accepted any more but those that wait in the queue, up to `maxConnections`; then
   * as `deadlineMs` says. Calling it again changes nothing.
   *
   * @returns `finished`
   */
  close(): Promise<ServeCounts> {
    this.#stop.abort();
    this.#wake();
    return this.finished;
  }

  /** As that of `finished`. */
  // eslint-disable-next-line unicorn/no-thenable -- a server can be awaited
  then<A = ServeCounts, B = never>(
    onEnd?: ((counts: ServeCounts) => A | PromiseLike<A>) | null,
    onFailure?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.finished.then(onEnd, onFailure);
  }

  /** As that of `finished`. */
  catch<B = never>(onFailure?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<ServeCounts | B> {
    return this.finished.catch(onFailure);
  }

  /** As that of `finished`. */
  finally(onEnd?: (() => void) | null): Promise<ServeCounts> {
    return this.finished.finally(onEnd);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #run(options: ServeOptions | ServeWorkersOptions): Promise<ServeCounts> {
    const { signal, deadlineMs = defaultDeadlineMs } = options;
    // What it is rejected with is `finished`, too.
    const stop = (): void => void this.close().catch(() => {});
    if (signal?.aborted === true) this.#stop.abort();
    else if (signal !== undefined) onAbort(signal, stop);
    try {
      const handlers = await this.#begin(options);
      let failure: { readonly error: unknown } | undefined;
      handlers.onRoom = () => this.#wake();
      handlers.onFailure = (error) => {
        failure = { error };
        this.#stop.abort();
        this.#wake();
      };
      try {
        await this.#accept(handlers);
      } finally {
        await this.#end(handlers, deadlineMs);
      }
      if (failure !== undefined) throw failure.error;
      return handlers.counts;
    } finally {
      if (signal !== undefined) offAbort(signal, stop);
    }
  }

  async #begin(options: ServeOptions | ServeWorkersOptions): Promise<Handlers> {
    if (options.workers === undefined) return (this.#handlers = new LocalHandlers(options));
    try {
      return (this.#handlers = await WorkerPool.start(options));
    } catch (error) {
      this.#listener.close();
      throw error;
    }
  }

  async #end(handlers: Handlers, deadlineMs: number): Promise<void> {
    try {
      this.#listener.close();
    } finally {
      await handlers.drain(deadlineMs);
    }
  }

  async #accept(handlers: Handlers): Promise<void> {
    const listener = this.#listener;
    const { signal } = this.#stop;
    watchOwnedFd(listener, { release: () => this.#wake() });
    try {
      for (;;) {
        while (this.open >= this.#most && !signal.aborted && !listener.closed) await this.#changed();
        handlers.take(await listener.accept({ signal }));
      }
    } catch (error) {
      if (error instanceof ClosedError && listener.closed) return;
      if (!signal.aborted || error !== signal.reason) throw error;
      this.#emptyQueue(handlers);
    }
  }

  #changed(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  // These clients are connected as far as they know: closing the listener would reset them.
  #emptyQueue(handlers: Handlers): void {
    try {
      for (let count = 0; count < longestQueue && this.open < this.#most; count++) {
        // The program may close it at the same time: its queue is gone then.
        if (this.#listener.closed) return;
        const stream = this.#listener.tryAcceptLast();
        if (stream === null) return;
        handlers.take(stream);
      }
    } catch (error) {
      // EMFILE: what is still in the queue can't be had.
      if (!(error instanceof SystemError)) throw error;
    }
  }
}
