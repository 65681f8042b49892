// An echo server on Bun.listen. Arguments: CONNECTIONS SIZE [the words that pin the client].
import { loadClient } from '../../../build/bench/suite/loadClient.js';
import { serveSlices } from '../../../build/bench/suite/serveSlices.js';

const [connections, size] = /** @type {[number, number]} */ (process.argv.slice(2, 4).map(Number));
let left = 0;
let count = 0;
let end = () => {};
let connected = () => {};
const allConnected = new Promise((resolve) => {
  connected = () => resolve(undefined);
});
const server = globalThis.Bun.listen({
  hostname: '127.0.0.1',
  port: 0,
  socket: {
    open() {
      if (++count === connections) connected();
    },
    data(socket, chunk) {
      // Messages are small, and each connection has one under way: all of it fits.
      if (socket.write(chunk) !== chunk.byteLength) process.exit(1);
      left -= chunk.byteLength;
      if (left === 0) end();
    },
  },
});
const messages = loadClient(server.port, process.argv.slice(2));
await allConnected;

await serveSlices(async (operations) => {
  left = operations * size;
  const finished = new Promise((resolve) => {
    end = () => resolve(operations);
  });
  messages(operations);
  return finished;
});
