import assert from 'node:assert/strict';
import { Worker } from 'node:worker_threads';

// In shared memory: 0 idle, 1 write to the eventfd at 1, 2 wake the waker at 1, 3 end, 4 nothing; at 2 the answer.
const program = `
  const { workerData } = require('node:worker_threads');
  Promise.all([import('epoll-ts'), import('epoll-ts/sys')]).then(([{ Waker }, { eventfd_write }]) => {
    const board = new Int32Array(workerData);
    for (;;) {
      Atomics.wait(board, 0, 0);
      const [job, fd] = [Atomics.load(board, 0), Atomics.load(board, 1)];
      if (job === 3) return;
      if (job === 1) Atomics.store(board, 2, eventfd_write(fd, 1n));
      if (job === 2) Waker.from(fd).wake();
      Atomics.store(board, 0, 0);
      Atomics.notify(board, 0);
    }
  });`;

const limitMs = 30_000;

/** A thread that writes to eventfds of ours when it is told to. */
export class OtherThread {
  readonly #board = new Int32Array(new SharedArrayBuffer(12));
  readonly #worker = new Worker(program, { eval: true, workerData: this.#board.buffer, execArgv: [] });

  constructor() {
    this.#worker.unref();
    // While it loads it opens and closes files, under numbers that a program has just closed.
    this.#start(4, -1);
    this.settle();
  }

  /** Writes 1 to an eventfd; done when this returns. @returns what eventfd_write answered */
  write(fd: number): number {
    this.#start(1, fd);
    this.settle();
    return Atomics.load(this.#board, 2);
  }

  /** Begins to wake a waker; this thread goes on meanwhile. */
  wake(fd: number): void {
    this.#start(2, fd);
  }

  /** Waits until it has done what it was told. */
  settle(): void {
    for (let job = Atomics.load(this.#board, 0); job !== 0; job = Atomics.load(this.#board, 0)) {
      assert.notEqual(Atomics.wait(this.#board, 0, job, limitMs), 'timed-out', 'the other thread hangs');
    }
  }

  #start(job: number, fd: number): void {
    this.settle();
    Atomics.store(this.#board, 1, fd);
    Atomics.store(this.#board, 0, job);
    Atomics.notify(this.#board, 0);
  }

  /** Ends the thread. */
  async end(): Promise<void> {
    this.#start(3, -1);
    await this.#worker.terminate();
  }
}
