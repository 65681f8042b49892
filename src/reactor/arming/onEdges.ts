import { EPOLL_CTL_ADD, EPOLL_CTL_MOD, EPOLLERR, EPOLLHUP, EPOLLRDHUP } from '../../sys/index.ts';
import { Arming } from './arming.ts';

// What mostly stays true once it was reported, and what edge-triggered entries don't report again by themselves.
const lasting = EPOLLERR | EPOLLHUP | EPOLLRDHUP;

/**
 * Awaited, edge-triggered: the entry is always there, and what is reported while nobody waits is kept for the next
 * wait.
 */
export class OnEdges extends Arming {
  #kept = 0;
  #ended = false;

  get armed(): boolean {
    return true;
  }

  add(): void {
    this.row.host.control(this.row, EPOLL_CTL_ADD, this.row.mask);
  }

  rearm(): void {
    this.row.host.control(this.row, EPOLL_CTL_MOD, this.row.mask);
  }

  end(listed: boolean): void {
    if (listed) this.row.host.drop(this.row);
  }

  override fired(readiness: number): void {
    this.#kept |= readiness & ~this.row.waitedBits();
    this.#ended ||= (readiness & lasting) !== 0;
  }

  override take(bits: number): number {
    const kept = this.#kept;
    if ((kept & bits) === 0) return 0;
    this.#kept = kept & ~bits;
    return kept;
  }

  // A hangup may be there still, or over (a FIFO has a new writer): only the kernel knows.
  override begun(wanted: number): void {
    if (!this.#ended || wanted === ~0) return;
    try {
      this.rearm();
    } catch (error) {
      this.row.failWaits(error);
    }
  }
}
