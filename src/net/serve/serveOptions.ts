import { milliseconds } from '../../fd/milliseconds.ts';
import { describe } from '../../sys/argument.ts';
import { aFunction, anAbortSignal, anInteger, anything, required } from '../../sys/optionKind.ts';
import { optionsReader } from '../../sys/optionsReader.ts';
import type { ByteStream } from '../stream/byteStream.ts';
import { Listener } from '../stream/listener.ts';
import type { ConnectionHandler } from './connectionHandler.ts';

/** What every server has. */
export interface ServeBase<S extends ByteStream> {
  /** Where connections come from. It is closed when the server stops. */
  readonly listener: Listener<S>;
  /** Stops the server, as `close()` does. */
  readonly signal?: AbortSignal;
  /**
   * Milliseconds that connections have to finish after the stop; then they are reset. 10,000 by default; Infinity waits
   * for them.
   */
  readonly deadlineMs?: number;
  /**
   * How many connections the server has at once; more wait in the listener's queue, not accepted yet. Infinity by
   * default.
   */
  readonly maxConnections?: number;
  /**
   * Told what handlers threw and why workers crashed, and what became of connections that broke (ECONNRESET, EPIPE,
   * ETIMEDOUT). Without it the first two are reported as any uncaught exception is, and the last are only counted.
   */
  readonly onError?: (error: unknown) => void;
  /** What handlers get as `context.data`; to workers it goes by structured clone. */
  readonly data?: unknown;
}

/** A server in this thread. */
export interface ServeOptions<S extends ByteStream = ByteStream> extends ServeBase<S> {
  readonly workers?: undefined;
  /**
   * Called with each connection. When the promise that it returns is fulfilled, the connection is closed, if it is not.
   */
  readonly onConnection: ConnectionHandler<S>;
}

/** A server whose connections are handled in worker threads. */
export interface ServeWorkersOptions extends ServeBase<ByteStream> {
  /** How many worker threads, 1 to 1024. One that crashes is replaced. */
  readonly workers: number;
  /** A module that exports a `ConnectionHandler` as `onConnection`: a function cannot cross threads. */
  readonly onConnection: URL;
}

interface EitherOptions extends ServeBase<ByteStream> {
  readonly workers?: number;
  readonly onConnection: ConnectionHandler | URL;
}

const read = optionsReader<EitherOptions>('serve', '{ listener, onConnection }', {
  listener: required((value) => (value instanceof Listener ? value : refuse('listener', 'a listener', value))),
  // Which of the two it must be depends on `workers`.
  onConnection: required((value) => value as ConnectionHandler | URL),
  signal: anAbortSignal,
  deadlineMs: milliseconds,
  maxConnections: (value, name, action) =>
    value === Infinity ? value : anInteger(1, 0x7fff_ffff)(value, name, action),
  workers: anInteger(1, 1024),
  onError: aFunction<(error: unknown) => void>(),
  data: anything,
});

/** @throws {TypeError | RangeError} for a wrong option */
export function readServeOptions(given: unknown): ServeOptions | ServeWorkersOptions {
  const { workers, onConnection, ...rest } = read(given);
  if (workers === undefined) {
    if (typeof onConnection === 'function') return { ...rest, onConnection };
    return refuse('onConnection', 'a function', onConnection);
  }
  if (onConnection instanceof URL) return { ...rest, workers, onConnection };
  return refuse('onConnection', "the URL of a module where there are 'workers'", onConnection);
}

function refuse(name: string, rule: string, value: unknown): never {
  throw new TypeError(`Cannot serve as '${name}' must be ${rule}: current value is ${describe(value)}`);
}
