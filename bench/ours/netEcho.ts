// An echo server on TcpStream. Arguments: CONNECTIONS SIZE [the words that pin the client].
import { TcpListener, type TcpStream } from 'epoll-ts/net';
import { countSlices } from '../suite/countSlices.ts';
import { loadClient } from '../suite/loadClient.ts';

const [connections, size] = process.argv.slice(2, 4).map(Number) as [number, number];
const listener = new TcpListener({ address: '127.0.0.1', backlog: 1024 });
const messages = loadClient('echoClient', [listener.localAddress.port, connections, size], process.argv[4]);
const streams: TcpStream[] = [];
while (streams.length < connections) streams.push(await listener.accept());
const echoed = countSlices(messages, size);

async function echo(stream: TcpStream): Promise<void> {
  const into = new Uint8Array(32_768);
  for (;;) {
    const count = await stream.read(into);
    await stream.write(into.subarray(0, count));
    echoed(count);
  }
}

for (const stream of streams) void echo(stream);
