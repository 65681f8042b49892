import { epollWaitBatch } from '../sys/epoll.ts';
import type { EventBatch } from '../sys/eventBatch.ts';
import { EINTR } from '../sys/index.ts';
import { slicedEpollWait } from './slicedWait.ts';

const mostPatience = 64;

/**
 * Waits of one epoll instance, made over and over. While the last one found something at once, the next asks without a
 * timeout first: the kernel reads its clock for a timeout, which takes 90 ns (Linux 6.18 in a virtual machine, 296 →
 * 388 ns in C). A question that was in vain is not repeated for a while, each time for longer.
 */
export class EagerWait {
  #skip = 0;
  #patience = 1;

  /** As `slicedEpollWait`. Arguments are not checked. */
  wait(epfd: number, batch: EventBatch, maxevents: number, timeoutMs: number): number {
    if (timeoutMs !== 0 && this.#skip > 0) {
      this.#skip--;
      return slicedEpollWait(epfd, batch.buffer, maxevents, timeoutMs);
    }
    const answer = epollWaitBatch(epfd, batch, maxevents, 0);
    if (answer > 0) {
      this.#patience = 1;
      return answer;
    }
    if (answer < 0 && answer !== -EINTR) return answer;
    return timeoutMs === 0 ? 0 : this.#waitOn(epfd, batch, maxevents, timeoutMs);
  }

  // Apart, so that the way of a busy reactor is short enough for the compiler to make one function of it.
  #waitOn(epfd: number, { buffer }: EventBatch, maxevents: number, timeoutMs: number): number {
    this.#skip = this.#patience;
    this.#patience = Math.min(this.#patience * 2, mostPatience);
    return slicedEpollWait(epfd, buffer, maxevents, timeoutMs);
  }
}
