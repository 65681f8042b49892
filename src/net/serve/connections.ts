import { clearTimeout, setTimeout } from 'node:timers';
import { ClosedError } from '../../fd/closedError.ts';
import { type OwnedFd, watchOwnedFd } from '../../fd/ownedFd.ts';
import { SystemError } from '../../fd/systemError.ts';
import { reportLater } from '../../reactor/handlerErrors.ts';
import type { ByteStream } from '../stream/byteStream.ts';
import { TcpStream } from '../tcp/tcpStream.ts';

/** What a connection handler gets besides the connection. */
export interface ConnectionContext {
  /** Aborted when the server stops: finish what is begun, and begin nothing new. */
  readonly signal: AbortSignal;
  /** What `serve` was given as `data`. */
  readonly data: unknown;
}

/**
 * Handles one connection. When the promise that it returns is fulfilled, the connection is closed, if it is not; when it is
 * rejected too, and the error is reported. One that returns nothing has set up handlers, and the server counts the connection until
 * somebody closes or detaches it.
 */
export type ConnectionHandler<S extends ByteStream = ByteStream> = (
  stream: S,
  context: ConnectionContext,
) => void | Promise<void>;

/** How a connection ended. */
export type ConnectionEnd = 'finished' | 'failed' | 'broken' | 'reset';

/** What became of a server's connections: `accepted` is the sum of the five after it. */
export interface ServeCounts {
  readonly accepted: number;
  /** Their handler was fulfilled, or closed or detached them. */
  readonly finished: number;
  /** Their handler threw, or was rejected. */
  readonly failed: number;
  /** Their handler was rejected because the peer had reset or left them: ECONNRESET, EPIPE, ETIMEDOUT. */
  readonly broken: number;
  /** They had not finished at the deadline. */
  readonly reset: number;
  /** A worker crashed while it handled them. */
  readonly lost: number;
  /** How many workers have crashed. */
  readonly crashes: number;
}

/** What `Connections` needs to know. */
export interface ConnectionsOptions {
  readonly onConnection: ConnectionHandler;
  readonly onError?: ((error: unknown) => void) | undefined;
  readonly data?: unknown;
}

const brokenCodes: ReadonlySet<unknown> = new Set(['ECONNRESET', 'EPIPE', 'ETIMEDOUT']);

/** Reports an error to `onError`, or as an uncaught one where there is none; what `onError` throws is uncaught too. */
export function report(error: unknown, onError: ((error: unknown) => void) | undefined): void {
  if (onError === undefined) return reportLater([error]);
  try {
    onError(error);
  } catch (thrown) {
    reportLater([thrown]);
  }
}

/** The connections that handlers of this thread are at work on. */
export class Connections {
  readonly #options: ConnectionsOptions;
  readonly #onEnd: ((stream: ByteStream, how: ConnectionEnd, error: unknown) => void) | undefined;
  readonly #open = new Set<ByteStream>();
  readonly #stopping = new AbortController();
  readonly #counts = { accepted: 0, finished: 0, failed: 0, broken: 0, reset: 0, lost: 0, crashes: 0 };
  #onIdle: (() => void) | undefined;

  /** @param onEnd told of each end, in place of `onError` */
  constructor(options: ConnectionsOptions, onEnd?: (stream: ByteStream, how: ConnectionEnd, error: unknown) => void) {
    this.#options = options;
    this.#onEnd = onEnd;
  }

  get counts(): ServeCounts {
    return { ...this.#counts };
  }

  /** Has the handler begin with a connection. */
  take(stream: ByteStream): void {
    this.#counts.accepted++;
    this.#open.add(stream);
    void this.#follow(stream);
  }

  /** Tells the handlers that it is time to finish. */
  stop(): void {
    this.#stopping.abort(new DOMException('The server stops', 'AbortError'));
  }

  /** Resolves when no connection is left; after `deadlineMs` those that are left are reset. */
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
    for (const stream of this.#open) this.#ended(stream, 'reset');
  }

  async #follow(stream: ByteStream): Promise<void> {
    const left = new Promise<void>((resolve) => {
      watchOwnedFd(stream, { release: () => resolve() });
    });
    try {
      const { onConnection, data } = this.#options;
      const result: unknown = onConnection(stream, { signal: this.#stopping.signal, data });
      // Without a promise there are only handlers, which say that they are through by closing or detaching the stream.
      await (isThenable(result) ? result : left);
      this.#ended(stream, 'finished');
    } catch (error) {
      this.#ended(stream, this.#kindOf(error, stream), error);
    }
  }

  #kindOf(error: unknown, stream: OwnedFd): ConnectionEnd {
    if (error instanceof SystemError && brokenCodes.has(error.code)) return 'broken';
    // The handler gave a wait up because the server stops, or closed the stream under it: both are ways to finish.
    const { signal } = this.#stopping;
    if (signal.aborted && error === signal.reason) return 'finished';
    return error instanceof ClosedError && stream.closed ? 'finished' : 'failed';
  }

  #ended(stream: ByteStream, how: ConnectionEnd, error?: unknown): void {
    if (!this.#open.delete(stream)) return;
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
    if (this.#open.size === 0) this.#onIdle?.();
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
