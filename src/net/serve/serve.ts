import type { ByteStream } from '../stream/byteStream.ts';
import { Server } from './server.ts';
import { readServeOptions, type ServeOptions, type ServeWorkersOptions } from './serveOptions.ts';

/**
 * Serves connections until `close()`, until the signal is aborted, or until the listener is closed. Then those that are
 * there may finish, for `deadlineMs`, and `context.signal` tells the handlers; what is left after that is reset.
 *
 * With `workers` this thread accepts and gives each connection to the worker that has the fewest. A worker that crashes
 * is replaced; connections that it had begun to handle are reset (`lost`), those it had not begun go to another worker.
 *
 * @returns the server; its `finished` says what became of the connections, when all have ended
 * @throws {TypeError | RangeError} for a wrong option
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { serve, TcpListener, TcpStream } from 'epoll-ts/net';
 *
 * const listener = new TcpListener({ address: '127.0.0.1' });
 * const { port } = listener.localAddress;
 * const server = serve({
 *   listener,
 *   async onConnection(stream) {
 *     const into = new Uint8Array(4096);
 *     for (let count; (count = await stream.read(into)) > 0; ) await stream.write(into.subarray(0, count));
 *   },
 * });
 * const client = await TcpStream.connect({ host: '127.0.0.1', port });
 * await client.write(Buffer.from('hi'));
 * assert.equal(await client.read(new Uint8Array(8)), 2);
 * assert.equal(server.open, 1);
 * client.close();
 * const counts = await server.close();
 * assert.deepEqual(counts, { accepted: 1, finished: 1, failed: 0, broken: 0, reset: 0, lost: 0, crashes: 0 });
 * ```
 */
export function serve<S extends ByteStream>(options: ServeOptions<S>): Server;
export function serve(options: ServeWorkersOptions): Server;
export function serve(options: ServeOptions | ServeWorkersOptions): Server {
  return new Server(readServeOptions(options));
}
