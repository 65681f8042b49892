import { setImmediate } from 'node:timers/promises';
import { ClosedError } from '../../fd/closedError.ts';
import { milliseconds } from '../../fd/milliseconds.ts';
import { SystemError } from '../../fd/systemError.ts';
import { describe, integerIn } from '../../sys/argument.ts';
import type { ByteStream } from '../stream/byteStream.ts';
import { type ConnectionHandler, Connections, type ServeCounts } from './connections.ts';
import { ConnectionWorkers } from './connectionWorkers.ts';
import { Listener } from '../stream/listener.ts';

/** What every server has. */
export interface ServeBase<S extends ByteStream> {
  /** Where connections come from. It is closed when the server stops. */
  readonly listener: Listener<S>;
  /** Stops the server: no connection is accepted any more but those that wait in the queue; then as `deadlineMs` says. */
  readonly signal?: AbortSignal;
  /** Milliseconds that connections have to finish after the stop; then they are reset. 10,000 by default; Infinity waits for them. */
  readonly deadlineMs?: number;
  /**
   * Told what handlers threw and why workers crashed, and what became of connections that broke (ECONNRESET, EPIPE, ETIMEDOUT).
   * Without it the first two are reported as any uncaught exception is, and the last are only counted.
   */
  readonly onError?: (error: unknown) => void;
  /** What handlers get as `context.data`; to workers it goes by structured clone. */
  readonly data?: unknown;
}

/** A server in this thread. */
export interface ServeOptions<S extends ByteStream = ByteStream> extends ServeBase<S> {
  readonly workers?: undefined;
  /** Called with each connection. When the promise that it returns is fulfilled, the connection is closed, if it is not. */
  readonly onConnection: ConnectionHandler<S>;
}

/** A server whose connections are handled in worker threads. */
export interface ServeWorkersOptions extends ServeBase<ByteStream> {
  /** How many worker threads, 1 to 1024. One that crashes is replaced. */
  readonly workers: number;
  /** A module that exports a `ConnectionHandler` as `onConnection`: a function cannot cross threads. */
  readonly onConnection: URL;
}

// Between so many accepted connections the handlers of those before get a turn, however long the queue is.
const burst = 64;
// The queue is no longer than SOMAXCONN; connections that come in while it is emptied are not waited for.
const longestQueue = 4096;

/**
 * Serves connections until the signal is aborted, or the listener is closed. Then those that are there may finish, for
 * `deadlineMs`, and `context.signal` tells the handlers; what is left after that is reset.
 *
 * With `workers` this thread accepts and gives each connection to the worker that has the fewest. A worker that crashes is
 * replaced; connections that it had begun to handle are reset (`lost`), those it had not begun go to another worker.
 *
 * @returns what became of the connections, when all have ended
 * @throws (as a rejection) {TypeError | RangeError} for a wrong option
 * @throws (as a rejection) {SystemError} when the listener fails; EMFILE is no failure: connections wait in the queue
 * @throws (as a rejection) the error of a worker that could not start: the module was not found, has no `onConnection`, or threw
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { serve, TcpListener, TcpStream } from 'epoll-ts/net';
 *
 * const listener = new TcpListener({ address: '127.0.0.1' });
 * const { port } = listener.localAddress;
 * const stop = new AbortController();
 * const server = serve({
 *   listener,
 *   signal: stop.signal,
 *   async onConnection(stream) {
 *     const into = new Uint8Array(4096);
 *     for (let count; (count = await stream.read(into)) > 0; ) await stream.write(into.subarray(0, count));
 *   },
 * });
 * const client = await TcpStream.connect({ host: '127.0.0.1', port });
 * await client.write(Buffer.from('hi'));
 * assert.equal(await client.read(new Uint8Array(8)), 2);
 * client.close();
 * stop.abort();
 * assert.deepEqual(await server, { accepted: 1, finished: 1, failed: 0, broken: 0, reset: 0, lost: 0, crashes: 0 });
 * ```
 */
export function serve<S extends ByteStream>(options: ServeOptions<S>): Promise<ServeCounts>;
export function serve(options: ServeWorkersOptions): Promise<ServeCounts>;
export async function serve(given: ServeOptions | ServeWorkersOptions): Promise<ServeCounts> {
  const options = checked(given);
  const { listener, signal, deadlineMs = 10_000 } = options;
  const target = await begin(options);
  const { failed } = target;
  const signals = [signal, failed].filter((each) => each !== undefined);
  try {
    await acceptEach(listener, AbortSignal.any(signals), (stream) => target.take(stream));
    failed?.throwIfAborted();
  } finally {
    try {
      listener.close();
    } finally {
      await target.drain(deadlineMs);
    }
  }
  return target.counts;
}

// Where the connections go.
interface Target {
  readonly counts: ServeCounts;
  readonly failed?: AbortSignal;
  take(stream: ByteStream): void;
  drain(deadlineMs: number): Promise<void>;
}

async function begin(options: ServeOptions | ServeWorkersOptions): Promise<Target> {
  if (options.workers === undefined) return new Connections(options);
  try {
    return await ConnectionWorkers.start(options);
  } catch (error) {
    options.listener.close();
    throw error;
  }
}

async function acceptEach(
  listener: Listener<ByteStream>,
  signal: AbortSignal,
  take: (stream: ByteStream) => void,
): Promise<void> {
  try {
    for (let count = 1; ; count++) {
      take(await listener.accept({ signal }));
      if (count % burst === 0) await setImmediate();
    }
  } catch (error) {
    if (error instanceof ClosedError && listener.closed) return;
    if (!signal.aborted || error !== signal.reason) throw error;
    emptyQueue(listener, take);
  }
}

// These clients are connected as far as they know: closing the listener would reset them.
function emptyQueue(listener: Listener<ByteStream>, take: (stream: ByteStream) => void): void {
  try {
    for (let count = 0; count < longestQueue; count++) {
      const stream = listener.tryAcceptLast();
      if (stream === null) return;
      take(stream);
    }
  } catch (error) {
    // EMFILE: what is still in the queue can't be had.
    if (!(error instanceof SystemError)) throw error;
  }
}

/** A copy: a getter that answers otherwise the next time could start any number of threads. */
function checked(options: ServeOptions | ServeWorkersOptions): ServeOptions | ServeWorkersOptions {
  const refuse = (name: string, rule: string, value: unknown): never => {
    throw new TypeError(`Cannot serve as '${name}' must be ${rule}: current value is ${describe(value)}`);
  };
  const { listener, onConnection, onError, workers, deadlineMs, signal, data } = options;
  const own = { listener, onConnection, onError, workers, deadlineMs, signal, data } as
    | ServeOptions
    | ServeWorkersOptions;
  if (!(listener instanceof Listener)) refuse('listener', 'a listener', listener);
  if (signal !== undefined && !(signal instanceof AbortSignal)) refuse('signal', 'an AbortSignal', signal);
  if (onError !== undefined && typeof onError !== 'function') refuse('onError', 'a function', onError);
  if (deadlineMs !== undefined) milliseconds(deadlineMs, 'deadlineMs', 'serve');
  if (workers === undefined) {
    if (typeof onConnection !== 'function') refuse('onConnection', 'a function', onConnection);
    return own;
  }
  integerIn(workers, 'workers', 1, 1024);
  if (!(onConnection instanceof URL)) {
    refuse('onConnection', "the URL of a module where there are 'workers'", onConnection);
  }
  return own;
}
