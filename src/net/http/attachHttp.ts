import type { Server } from 'node:net';
import { ClosedError } from '../../fd/closedError.ts';
import { describe } from '../../sys/argument.ts';
import type { InetAddress } from '../address/inetAddress.ts';
import type { ByteStream } from '../stream/byteStream.ts';
import { Listener } from '../stream/listener.ts';
import { AttachedServer, type HttpOptions, readHttpOptions } from './attachedServer.ts';
import { nodeServer } from './nodeServer.ts';

/** A server of Node on a listener of ours, until it is closed. */
export interface AttachedHttp {
  /**
   * Closes the server and the listener, as `server.close()` does: no connection is accepted any more, and node:http
   * closes those that are idle.
   *
   * @returns fulfilled when the last connection has gone, as the callback of `server.close()`;
   *   `server.closeAllConnections()` hurries it
   */
  close(): Promise<void>;
  /** As `close()`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Has a server of `node:http`, `node:https` or `node:http2` (or of `node:tls` or `node:net`) take the connections of a
 * listener. It takes the place of `server.listen()`: the server listens, as far as Node is concerned. So
 * `headersTimeout`, `requestTimeout`, `keepAliveTimeout`, `maxConnections`, `closeIdleConnections()`,
 * `closeAllConnections()`, `server.close(callback)` and `server.address()` are as with Node's own sockets, and
 * `request.socket.remoteAddress` is known under TLS, too.
 *
 * The listener is the server's from then on: closing either closes both. `server.unref()` lets the process end. The
 * server emits `'listening'` in the next tick, then `'connection'` with each `SocketDuplex`, those first that waited in
 * the queue; and `'error'` when accepting fails. Without descriptors (EMFILE) connections wait.
 *
 * @throws {TypeError} when it is no server, or it listens already; when it is no listener
 * @throws {TypeError | RangeError} for a wrong option
 * @throws {ClosedError} when the listener is closed
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { createServer } from 'node:http';
 * import { attachHttp, TcpListener } from 'epoll-ts/net';
 *
 * const server = createServer((request, response) => response.end(`hello ${request.socket.remoteAddress}`));
 * const listener = new TcpListener({ address: '127.0.0.1' });
 * const { port } = listener.localAddress;
 * const attached = attachHttp(server, listener);
 * const response = await fetch(`http://127.0.0.1:${port}/`);
 * assert.equal(await response.text(), 'hello 127.0.0.1');
 * await attached.close();
 * ```
 */
export function attachHttp(server: Server, listener: Listener<ByteStream>, options: HttpOptions = {}): AttachedHttp {
  if (!(listener instanceof Listener)) {
    throw new TypeError(`Cannot attach as 'listener' must be a listener: current value is ${describe(listener)}`);
  }
  if (listener.closed) throw new ClosedError(listener.constructor.name);
  const attached = new AttachedServer(nodeServer(server), listener, readHttpOptions(options), nameOf(listener));
  process.nextTick(() => {
    try {
      attached.begin();
    } finally {
      void acceptEach(listener, attached);
    }
  });
  const close = (): Promise<void> => {
    attached.close();
    return attached.ended;
  };
  return { close, [Symbol.asyncDispose]: close };
}

function nameOf(listener: Listener<ByteStream>): InetAddress | string | null {
  const { localAddress, localPath = null } = listener as { localAddress?: InetAddress; localPath?: string | null };
  return localAddress ?? localPath;
}

async function acceptEach(listener: Listener<ByteStream>, attached: AttachedServer): Promise<void> {
  try {
    for await (const connection of listener) attached.take(connection);
    attached.close();
  } catch (error) {
    process.nextTick(() => attached.fail(error));
  }
}
