import { getEventListeners, setMaxListeners } from 'node:events';
import { clearTimeout, setTimeout } from 'node:timers';
import { ClosedError } from '../../fd/closedError.ts';
import { watchOwnedFd } from '../../fd/ownedFd.ts';
import { SystemError } from '../../fd/systemError.ts';
import type { ByteStream } from '../stream/byteStream.ts';
import { TcpStream } from '../tcp/tcpStream.ts';
import type { ConnectionContext, ConnectionHandler } from './connectionHandler.ts';
import { type Handlers, report } from './handlers.ts';
import { type ConnectionEnd, noCounts, type ServeCounts } from './serveCounts.ts';

/** What `LocalHandlers` needs to know. */
export interface LocalHandlersOptions {
  readonly onConnection: ConnectionHandler;
  readonly onError?: ((error: unknown) => void) | undefined;
  readonly data?: unknown;
}

const brokenCodes: ReadonlySet<unknown> = new Set(['ECONNRESET', 'EPIPE', 'ETIMEDOUT']);

// What a handler gets. Its signal is made when it is asked for, and is no other connection's.
class Context implements ConnectionContext {
  readonly data: unknown;
  #stopped: boolean;
  readonly #reason: unknown;
  #controller: AbortController | undefined;

  constructor(data: unknown, reason: unknown, stopped: boolean) {
    this.data = data;
    this.#reason = reason;
    this.#stopped = stopped;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      // A connection can wait for many things at once; Node warns from the eleventh on.
      setMaxListeners(0, this.#controller.signal);
      if (this.#stopped) this.stop();
    }
    return this.#controller.signal;
  }

  stop(): void {
    this.#stopped = true;
    this.#controller?.abort(this.#reason);
  }

  /** Whether something waits for the stop. */
  get watched(): boolean {
    return this.#controller !== undefined && getEventListeners(this.#controller.signal, 'abort').length > 0;
  }
}

/** The connections that handlers of this thread are at work on. */
export class LocalHandlers implements Handlers {
  onRoom: () => void = () => {};
  onFailure: (error: unknown) => void = () => {};
  readonly #options: LocalHandlersOptions;
  readonly #onEnd: ((stream: ByteStream, how: ConnectionEnd, error: unknown) => void) | undefined;
  readonly #open = new Map<ByteStream, Context>();
  // Of connections that have ended: a detached one, or a task behind one, can still wait for the stop.
  readonly #watched = new Set<Context>();
  readonly #reason = new DOMException('The server stops', 'AbortError');
  #stopping = false;
  readonly #counts = noCounts();
  #onIdle: (() => void) | undefined;

  /** @param onEnd told of each end, in place of `onError` */
  constructor(options: LocalHandlersOptions, onEnd?: (stream: ByteStream, how: ConnectionEnd, error: unknown) => void) {
    this.#options = options;
    this.#onEnd = onEnd;
  }

  get counts(): ServeCounts {
    return { ...this.#counts };
  }

  take(stream: ByteStream): void {
    const context = new Context(this.#options.data, this.#reason, this.#stopping);
    this.#counts.accepted++;
    this.#open.set(stream, context);
    void this.#follow(stream, context);
  }

  /** Tells the handlers that it is time to finish. */
  stop(): void {
    if (this.#stopping) return;
    this.#stopping = true;
    for (const context of [...this.#open.values(), ...this.#watched]) context.stop();
    this.#watched.clear();
  }

  async drain(deadlineMs: number): Promise<void> {
    this.stop();
    if (this.#open.size === 0) return;
    await new Promise<void>((resolve) => {
      // As long as setTimeout can be told; then it is for ever.
      const timer = deadlineMs > 0x7fff_ffff ? undefined : setTimeout(() => this.reset(), deadlineMs);
      this.#onIdle = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Resets all connections; what their handlers do then is not waited for, and no error. */
  reset(): void {
    for (const stream of this.#open.keys()) this.#ended(stream, 'reset');
  }

  async #follow(stream: ByteStream, context: Context): Promise<void> {
    const left = new Promise<void>((resolve) => {
      watchOwnedFd(stream, { release: () => resolve() });
    });
    try {
      const result: unknown = this.#options.onConnection(stream, context);
      // Without a promise there are only handlers, which say that they are through by closing or detaching the stream.
      await (isThenable(result) ? result : left);
      this.#ended(stream, 'finished');
    } catch (error) {
      this.#ended(stream, this.#kindOf(error, stream), error);
    }
  }

  #kindOf(error: unknown, stream: ByteStream): ConnectionEnd {
    // The handler gave a wait up because the server stops, or closed the stream under it: both are ways to finish.
    if (this.#stopping && error === this.#reason) return 'finished';
    try {
      if (error instanceof SystemError && brokenCodes.has(error.code)) return 'broken';
      return error instanceof ClosedError && stream.closed ? 'finished' : 'failed';
    } catch {
      return 'failed'; // a proxy whose handler throws
    }
  }

  #ended(stream: ByteStream, how: ConnectionEnd, error?: unknown): void {
    const context = this.#open.get(stream);
    if (context === undefined) return;
    this.#open.delete(stream);
    if (!this.#stopping && context.watched) this.#watched.add(context);
    this.#counts[how]++;
    try {
      if (how === 'reset' && stream instanceof TcpStream) stream.reset();
      else stream.close();
    } catch (thrown) {
      report(thrown, this.#options.onError);
    }
    if (this.#onEnd !== undefined) this.#onEnd(stream, how, error);
    else if (how === 'failed') report(error, this.#options.onError);
    else if (how === 'broken' && this.#options.onError !== undefined) report(error, this.#options.onError);
    this.onRoom();
    if (this.#open.size === 0) this.#onIdle?.();
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
