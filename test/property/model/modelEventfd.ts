import { EAGAIN, EPOLLIN, EPOLLOUT } from 'epoll-ts/sys';
import type { OpenFile } from './openFile.ts';
import { WaitQueue } from './waitQueue.ts';

const largest = 2n ** 64n - 2n;

/**
 * eventfd(2). What surprised here (Linux 6.18.44): writing 0 changes nothing and still wakes, so that it puts an entry
 * into the ready list, where it is found not to be ready, or reports an edge-triggered entry again when the counter was
 * not 0; and every read wakes with EPOLLOUT, whether there was no room before or not.
 */
export class ModelEventfd implements OpenFile {
  readonly kind = 'eventfd';
  readonly queue = new WaitQueue();
  readonly #semaphore: boolean;
  #count: bigint;

  constructor(initial: number, semaphore: boolean) {
    this.#count = BigInt(initial);
    this.#semaphore = semaphore;
  }

  poll(): number {
    return (this.#count > 0n ? EPOLLIN : 0) | (this.#count < largest ? EPOLLOUT : 0);
  }

  /** eventfd_write: 0 or -EAGAIN. */
  add(value: bigint): number {
    if (this.#count + value > largest) return -EAGAIN;
    this.#count += value;
    this.queue.wake(EPOLLIN);
    return 0;
  }

  /** eventfd_read: the value, or -EAGAIN. */
  take(): bigint | number {
    if (this.#count === 0n) return -EAGAIN;
    const taken = this.#semaphore ? 1n : this.#count;
    this.#count -= taken;
    this.queue.wake(EPOLLOUT);
    return taken;
  }

  /** How much can be added at once. */
  get room(): bigint {
    return largest - this.#count;
  }

  released(): void {}
}
