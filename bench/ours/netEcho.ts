// An echo server on TcpStream. Arguments: CONNECTIONS SIZE PIN await|handler; PIN is the words that pin the client.
import { TcpListener, type TcpStream } from 'epoll-ts/net';
import { loadClient } from '../suite/loadClient.ts';
import { serveSlices } from '../suite/serveSlices.ts';

const [connections, size] = process.argv.slice(2, 4).map(Number) as [number, number];
const listener = new TcpListener({ address: '127.0.0.1', backlog: 1024 });
const messages = loadClient(listener.localAddress.port, process.argv.slice(2));
let left = 0;
let end: () => void = () => {};

function echoed(count: number): void {
  left -= count;
  if (left === 0) end();
}

async function echo(stream: TcpStream): Promise<void> {
  const into = new Uint8Array(16_384);
  for (;;) {
    const count = await stream.read(into);
    await stream.write(count === into.length ? into : into.subarray(0, count));
    echoed(count);
  }
}

// As the sys server does it: one message is under way, so what was read fits into the send buffer.
function echoInHandler(stream: TcpStream, into: Uint8Array): void {
  stream.onReadiness = () => {
    for (let count; (count = stream.tryRead(into)) !== null;) {
      if (stream.tryWrite(into.subarray(0, count)) !== count) process.exit(1);
      echoed(count);
    }
  };
}

const shared = new Uint8Array(65_536);
for (let index = 0; index < connections; index++) {
  const stream = await listener.accept();
  if (process.argv[5] === 'handler') echoInHandler(stream, shared);
  else void echo(stream);
}

await serveSlices(async (operations) => {
  left = operations * size;
  const finished = new Promise<number>((resolve) => {
    end = () => resolve(operations);
  });
  messages(operations);
  return finished;
});
