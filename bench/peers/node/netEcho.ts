// An echo server on node:net. Arguments: CONNECTIONS SIZE [the words that pin the client].
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { loadClient } from '../../suite/loadClient.ts';
import { serveSlices } from '../../suite/serveSlices.ts';

const [connections, size] = process.argv.slice(2, 4).map(Number) as [number, number];
let left = 0;
let end: () => void = () => {};
let connected: () => void = () => {};
const allConnected = new Promise<void>((resolve) => {
  connected = resolve;
});
let count = 0;
const server = createServer({ noDelay: true }, (socket) => {
  socket.on('data', (chunk) => {
    socket.write(chunk);
    left -= chunk.byteLength;
    if (left === 0) end();
  });
  if (++count === connections) connected();
}).listen(0, '127.0.0.1', 1024);
await once(server, 'listening');
const messages = loadClient((server.address() as AddressInfo).port, process.argv.slice(2));
await allConnected;

await serveSlices(async (operations) => {
  left = operations * size;
  const finished = new Promise<number>((resolve) => {
    end = () => resolve(operations);
  });
  messages(operations);
  return finished;
});
