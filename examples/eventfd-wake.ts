// A worker thread wakes the main thread through an eventfd: no message, no copy, a few microseconds.
//
//   npm run example eventfd-wake
import { Worker } from 'node:worker_threads';
import { Reactor } from 'epoll-ts';

const reactor = new Reactor();
const shared = new Int32Array(new SharedArrayBuffer(4));

const waker = reactor.waker(() => {
  // Wakes coalesce, so what there is to do stands in shared memory, not in their number.
  const count = Atomics.load(shared, 0);
  console.log(`woken: the worker has counted to ${count}`);
  // The third count can be seen before the wake that comes after it. When the worker is gone nobody wakes a number that
  // is closed.
  if (count === 3) void worker.terminate().then(() => waker.close());
});

const code = `
  import('epoll-ts').then(({ Waker }) => {
    const { workerData } = require('node:worker_threads');
    const waker = Waker.from(workerData.fd);
    for (let count = 1; count <= 3; count++) {
      Atomics.store(workerData.shared, 0, count);
      waker.wake();
    }
  });`;
const worker = new Worker(code, { eval: true, workerData: { fd: waker.fd, shared } });
