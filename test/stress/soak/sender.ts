// A thread that sends until it dies: numbers through a pipe, counts through an eventfd.
import { setTimeout } from 'node:timers/promises';
import { workerData } from 'node:worker_threads';
import { Waker } from 'epoll-ts';
import { EAGAIN, eventfd_write, write } from 'epoll-ts/sys';

/** What a sender gets. */
export interface SenderData {
  readonly pipe: number;
  readonly counter: number;
  readonly waker: number;
  /** [0] numbers begun, [1] numbers sent, [2] counts begun, [3] counts sent, [4] the last wake's value */
  readonly sent: Int32Array;
}

const { pipe, counter, waker, sent } = workerData as SenderData;
const number = new Uint32Array(1);
const bytes = new Uint8Array(number.buffer);
const wakes = Waker.from(waker);

for (;;) {
  const burst = 1 + Math.floor(Math.random() * 200);
  for (let index = 0; index < burst; index++) {
    const next = Atomics.load(sent, 1) + 1;
    number[0] = next;
    Atomics.store(sent, 0, next);
    // Between these two lines the thread may be ended: then one is in doubt, and the receiver says which.
    if (write(pipe, bytes) !== -EAGAIN) Atomics.store(sent, 1, next);
    Atomics.add(sent, 2, 1);
    eventfd_write(counter, 1n);
    Atomics.add(sent, 3, 1);
    Atomics.add(sent, 4, 1);
    wakes.wake();
  }
  if (Math.random() < 0.001) throw new Error('dies on purpose');
  if (Math.random() < 0.001) process.exit(3);
  await setTimeout(Math.random() < 0.5 ? 0 : 1);
}
