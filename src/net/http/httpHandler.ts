import type { Server } from 'node:net';
import type { ConnectionHandler } from '../serve/connectionHandler.ts';
import { AttachedServer, type HttpOptions, readHttpOptions } from './attachedServer.ts';
import { nodeServer } from './nodeServer.ts';

// Whoever serves has the listener.
const unheld = { close() {}, ref() {}, unref() {} };

/**
 * Makes a handler for `serve` that hands each connection to a server of `node:http`, `node:https` or `node:http2`: so a
 * worker serves HTTP. It does for connections that come one by one what `attachHttp` does for a listener. When `serve`
 * stops, the server is closed: idle connections end, and requests that are under way are answered.
 *
 * @throws {TypeError} when it is no server, or it listens already
 * @throws {TypeError | RangeError} for a wrong option
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { createServer } from 'node:http';
 * import { httpHandler, serve, TcpListener } from 'epoll-ts/net';
 *
 * const server = createServer((request, response) => response.end(`hello ${request.socket.remoteAddress}`));
 * const listener = new TcpListener({ address: '127.0.0.1' });
 * const { port } = listener.localAddress;
 * const served = serve({ listener, onConnection: httpHandler(server) });
 * const response = await fetch(`http://127.0.0.1:${port}/`);
 * assert.equal(await response.text(), 'hello 127.0.0.1');
 * await served.close();
 * ```
 */
export function httpHandler(server: Server, options: HttpOptions = {}): ConnectionHandler {
  const attached = new AttachedServer(nodeServer(server), unheld, readHttpOptions(options));
  attached.begin();
  let told = false;
  return (stream, { signal }) => {
    // Every connection has a signal of its own; all are aborted at once.
    if (!told) {
      told = true;
      signal.addEventListener('abort', () => attached.close(), { once: true });
    }
    const duplex = attached.take(stream);
    return new Promise((resolve) => {
      duplex.once('close', () => resolve());
    });
  };
}
