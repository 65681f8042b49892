// A round trip between two threads, each with a reactor that blocks and the waker of the other.
import { once } from 'node:events';
import { parentPort, Worker, workerData } from 'node:worker_threads';
import { Reactor, Waker } from 'epoll-ts';
import { serveSlices } from '../suite/serveSlices.ts';

const reactor = new Reactor();

if (parentPort === null) {
  let heard = 0;
  const waker = reactor.waker(() => void heard++);
  const worker = new Worker(new URL(import.meta.url), { workerData: waker.fd });
  const [fd] = (await once(worker, 'message')) as [number];
  const there = Waker.from(fd);
  await serveSlices((operations) => {
    for (let index = 0; index < operations; index++) {
      there.wake();
      for (const before = heard; heard === before;) reactor.turn();
    }
    return operations;
  });
} else {
  const back = Waker.from(workerData as number);
  const waker = reactor.waker(() => back.wake());
  parentPort.postMessage(waker.fd);
  reactor.run();
}
