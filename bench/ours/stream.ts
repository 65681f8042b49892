// One connection that carries as much as it can. Arguments: TcpStream|Duplex receive|send [the words that pin the
// client].
import { TcpListener, type TcpStream } from 'epoll-ts/net';
import { countSlices } from '../suite/countSlices.ts';
import { loadClient } from '../suite/loadClient.ts';
import { sendAll } from '../suite/sendAll.ts';
import { serveSlices } from '../suite/serveSlices.ts';

const [how = '', direction = '', pin = ''] = process.argv.slice(2);
const listener = new TcpListener({ address: '127.0.0.1' });
const mebibytes = loadClient('streamClient', [listener.localAddress.port, direction], pin);
const stream = await listener.accept();
const chunk = new Uint8Array(65_536);

async function receive(from: TcpStream): Promise<void> {
  const received = countSlices(mebibytes, 1 << 20);
  for (;;) received(await from.read(chunk));
}

async function send(to: TcpStream, operations: number): Promise<number> {
  for (let left = operations * 16; left > 0; left--) await to.write(chunk);
  return operations;
}

if (direction === 'receive') {
  if (how === 'TcpStream') await receive(stream);
  const received = countSlices(mebibytes, 1 << 20);
  stream.toDuplex().on('data', (bytes: Buffer) => received(bytes.byteLength));
} else if (how === 'TcpStream') {
  await serveSlices(async (operations) => send(stream, operations));
} else {
  await sendAll(stream.toDuplex());
}
