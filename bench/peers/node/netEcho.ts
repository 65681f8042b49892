// An echo server on node:net. Arguments: CONNECTIONS SIZE [the words that pin the client].
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { countSlices } from '../../suite/countSlices.ts';
import { loadClient } from '../../suite/loadClient.ts';

const [connections, size] = process.argv.slice(2, 4).map(Number) as [number, number];
const server = createServer({ noDelay: true }).listen(0, '127.0.0.1', 1024);
await once(server, 'listening');
const { port } = server.address() as AddressInfo;
const messages = loadClient('echoClient', [port, connections, size], process.argv[4]);
const sockets: Socket[] = [];
await new Promise<void>((resolve) => {
  server.on('connection', (socket) => {
    if (sockets.push(socket) === connections) resolve();
  });
});
const echoed = countSlices(messages, size);
for (const socket of sockets) {
  socket.on('data', (bytes) => {
    socket.write(bytes);
    echoed(bytes.length);
  });
}
