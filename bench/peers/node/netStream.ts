// One connection of node:net that carries as much as it can. Arguments: receive|send [the words that pin the client].
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { countSlices } from '../../suite/countSlices.ts';
import { loadClient } from '../../suite/loadClient.ts';
import { sendAll } from '../../suite/sendAll.ts';

const [direction = '', pin = ''] = process.argv.slice(2);
const server = createServer().listen(0, '127.0.0.1');
await once(server, 'listening');
const mebibytes = loadClient('streamClient', [(server.address() as AddressInfo).port, direction], pin);
const [socket] = (await once(server, 'connection')) as [Socket];
if (direction === 'receive') {
  const received = countSlices(mebibytes, 1 << 20);
  socket.on('data', (bytes) => received(bytes.length));
} else {
  await sendAll(socket);
}
