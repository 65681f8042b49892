// An echo server over four worker threads, in the few lines that `serve` leaves to write. Ctrl-C stops it: no new
// connections, those that are there have 5 seconds to finish, and it says what became of them all.
//
//   npm run example echo-threads           # then, elsewhere: printf 'hi\n' | nc -N 127.0.0.1 4747
//   npm run example echo-threads 0         # any free port; it is printed
import { isMainThread } from 'node:worker_threads';
import { type ByteStream, serve, TcpListener } from 'epoll-ts/net';

if (isMainThread) {
  const listener = new TcpListener({ address: '127.0.0.1', port: Number(process.argv[2] ?? 4747) });
  console.log(`echoing on 127.0.0.1:${listener.localAddress.port}`);
  const onConnection = new URL(import.meta.url); // this file again, in each of the workers
  const server = serve({ listener, workers: 4, onConnection, deadlineMs: 5000 });
  process.once('SIGINT', () => void server.close());
  const { accepted, finished } = await server.finished;
  console.log(`${accepted} connections, ${finished} of them finished`);
}

/** Called in a worker. Waiting for the write before the next read holds a peer back that does not read. */
export async function onConnection(stream: ByteStream): Promise<void> {
  const into = new Uint8Array(16_384);
  for (let count; (count = await stream.read(into)) > 0;) await stream.write(into.subarray(0, count));
}
