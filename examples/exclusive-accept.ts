// Four worker threads accept at one listener, each blocking in a reactor of its own. With `exclusive` a connect wakes
// one of them; without it, it wakes all four, and three find nothing.
//
//   npm run example exclusive-accept
import { once } from 'node:events';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { Reactor, Waker } from 'epoll-ts';
import { TcpListener, TcpStream } from 'epoll-ts/net';

const workers = 4;
const connects = 200;

interface Report {
  readonly wakeups: number;
  readonly served: number;
}

if (isMainThread) {
  using listener = new TcpListener({ address: '127.0.0.1' }); // this thread owns it, the workers borrow it
  const { port } = listener.localAddress;
  const threads = Array.from({ length: workers }, () => {
    return new Worker(new URL(import.meta.url), { workerData: { fd: listener.fd } });
  });
  const wakers = await Promise.all(threads.map(async (thread) => Number((await once(thread, 'message'))[0])));

  for (let count = 0; count < connects; count++) {
    using client = await TcpStream.connect({ host: '127.0.0.1', port });
    await client.read(new Uint8Array(16)); // a worker has served it
  }

  const reports = threads.map(async (thread) => (await once(thread, 'message'))[0] as Report);
  for (const fd of wakers) Waker.from(fd).wake();
  const all = await Promise.all(reports);
  const sum = (key: keyof Report): number => all.reduce((total, report) => total + report[key], 0);
  console.log(`${sum('served')} connects served with ${sum('wakeups')} wake-ups of ${workers} workers`);
} else {
  const { fd } = workerData as { fd: number };
  const reactor = new Reactor();
  const listener = TcpListener.from(fd, { exclusive: true, reactor });
  let [wakeups, served] = [0, 0];
  listener.onReadiness = () => {
    wakeups++;
    for (let stream; (stream = listener.tryAccept()) !== null; served++) {
      stream.tryWrite(Buffer.from('hello'));
      stream.close();
    }
  };
  const waker = reactor.waker(() => reactor.stop());
  parentPort?.postMessage(waker.fd);
  reactor.run(); // blocks: only a thread that waits in the kernel can be the one that is woken
  listener.close();
  reactor.close();
  waker.close();
  parentPort?.postMessage({ wakeups, served } satisfies Report);
}
