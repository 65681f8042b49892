import type { ByteStream } from '../stream/byteStream.ts';

/** What a connection handler gets besides the connection. */
export interface ConnectionContext {
  /**
   * Aborted when the server stops: finish what is begun, and begin nothing new. Each connection has a signal of its
   * own, so that what waits with it costs the same however many connections there are.
   */
  readonly signal: AbortSignal;
  /** What `serve` was given as `data`. */
  readonly data: unknown;
}

/**
 * Handles one connection. When the promise that it returns is fulfilled, the connection is closed, if it is not; when
 * it is rejected too, and the error is reported. One that returns nothing has set up handlers, and the server counts
 * the connection until somebody closes or detaches it.
 */
export type ConnectionHandler<S extends ByteStream = ByteStream> = (
  stream: S,
  context: ConnectionContext,
) => void | Promise<void>;
