// Accepts connections with node:net and closes them. Arguments: AT_ONCE [the words that pin the client].
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { countSlices } from '../../suite/countSlices.ts';
import { loadClient } from '../../suite/loadClient.ts';

const [atOnce = '', pin = ''] = process.argv.slice(2);
const server = createServer({ noDelay: true }).listen(0, '127.0.0.1', 1024);
await once(server, 'listening');
const accepted = countSlices(loadClient('acceptClient', [(server.address() as AddressInfo).port, atOnce], pin));
server.on('connection', (socket) => {
  socket.on('error', () => {});
  socket.destroy();
  accepted(1);
});
