// A worker thread that does nothing but wait in epoll, blocking: the shortest way from the kernel to a handler. The
// main thread sends it work over a pipe, and ends it with a waker.
//
//   npm run example blocking-reactor
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { Pipe, Reactor, Waker } from 'epoll-ts';
import { read } from 'epoll-ts/sys';

if (isMainThread) {
  const pipe = new Pipe();
  const worker = new Worker(new URL(import.meta.url), { workerData: { fd: pipe.reader.fd } });
  worker.on('message', (message: { waker?: number; lines?: number }) => {
    if (message.waker !== undefined) {
      pipe.writer.write(Buffer.from('one\ntwo\nthree\n'));
      Waker.from(message.waker).wake();
    }
    if (message.lines !== undefined) console.log(`the worker handled ${message.lines} lines and came back from run()`);
  });
  worker.on('exit', () => pipe.close());
} else {
  const { fd } = workerData as { fd: number };
  const reactor = new Reactor();
  const buffer = new Uint8Array(4096);
  let lines = 0;
  reactor.register(fd, { readable: true, trigger: 'edge' }, () => {
    for (let count = read(fd, buffer); count > 0; count = read(fd, buffer)) {
      lines += buffer.subarray(0, count).filter((byte) => byte === 10).length;
    }
  });
  const waker = reactor.waker(() => reactor.stop());
  parentPort?.postMessage({ waker: waker.fd });
  reactor.run(); // blocks this thread; worker.terminate() would end it within 100 ms all the same
  reactor.close();
  waker.close();
  parentPort?.postMessage({ lines });
}
