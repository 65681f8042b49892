import {
  EAGAIN,
  ECONNRESET,
  EPIPE,
  EPOLLERR,
  EPOLLHUP,
  EPOLLIN,
  EPOLLOUT,
  EPOLLPRI,
  EPOLLRDBAND,
  EPOLLRDHUP,
  EPOLLRDNORM,
  EPOLLWRBAND,
  EPOLLWRNORM,
} from 'epoll-ts/sys';
import type { DataFile } from './openFile.ts';
import { WaitQueue } from './waitQueue.ts';

const receive = 1;
const send = 2;
const both = receive | send;
const writable = EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND;

/** What one or more writes queued: `bulk` is what filled the socket, in parts that small reads don't use up. */
interface Segment {
  length: number;
  readonly bulk: boolean;
}

/**
 * One end of a stream socketpair (AF_UNIX). How many bytes fit is the allocator's business and not modelled: a socket
 * is empty, or has a few small segments, or was filled. What surprised here (Linux 6.18.44):
 *
 * - EPOLLOUT is there while at most a quarter of the send buffer is in use, and does not say whether a write would
 *   succeed.
 * - A read wakes the _other_ end with EPOLLOUT for each segment that it uses up, whether there was no room before or
 *   not.
 * - New data wakes with EPOLLPRI and EPOLLRDBAND too, which poll never reports for it: an edge-triggered entry for
 *   EPOLLOUT | EPOLLRDBAND reports EPOLLOUT once more when data comes.
 * - Closing one end with unread data gives the other EPOLLERR until a read has answered ECONNRESET once.
 */
export class ModelStream implements DataFile {
  readonly kind = 'stream socket';
  readonly queue = new WaitQueue();
  #peer: ModelStream = this;
  #received: Segment[] = [];
  #shutdown = 0;
  #reset = false;
  #dead = false;
  /** Whether a write would succeed is not known: filled, and a part is read. */
  #unsure = false;

  static pair(): readonly [ModelStream, ModelStream] {
    const [first, second] = [new ModelStream(), new ModelStream()];
    first.#peer = second;
    second.#peer = first;
    return [first, second];
  }

  get #filled(): boolean {
    return this.#peer.#received.some(({ bulk }) => bulk);
  }

  /** Whether the answer of a write can be told. */
  get sure(): boolean {
    return !this.#unsure || !this.#filled || this.#broken;
  }

  /** Segments on the way; a few dozen small ones leave the socket writable. */
  get segments(): number {
    return this.#peer.#received.length;
  }

  get #broken(): boolean {
    return (this.#shutdown & send) !== 0 || (this.#peer.#shutdown & receive) !== 0 || this.#peer.#dead;
  }

  poll(): number {
    let bits = this.#filled ? 0 : writable;
    if (this.#reset) bits |= EPOLLERR;
    if (this.#shutdown === both) bits |= EPOLLHUP;
    if ((this.#shutdown & receive) !== 0) bits |= EPOLLRDHUP | EPOLLIN | EPOLLRDNORM;
    if (this.#received.length > 0) bits |= EPOLLIN | EPOLLRDNORM;
    return bits;
  }

  write(size: number): number {
    return this.#send(size, false);
  }

  /** @param accepted how many bytes the kernel took until it answered EAGAIN */
  fill(accepted: number): number {
    return this.#send(accepted, true);
  }

  #send(size: number, bulk: boolean): number {
    if (this.#broken) return -EPIPE;
    if (this.#filled) return -EAGAIN;
    this.#unsure = false;
    this.#peer.#received.push({ length: size, bulk });
    this.#peer.queue.wake(EPOLLIN | EPOLLPRI | EPOLLRDNORM | EPOLLRDBAND);
    return size;
  }

  read(size: number): number {
    let read = 0;
    for (let segment = this.#received[0]; segment !== undefined && read < size; segment = this.#received[0]) {
      const length = Math.min(segment.length, size - read);
      segment.length -= length;
      read += length;
      if (segment.length > 0) break;
      this.#received.shift();
      this.#peer.#freed();
    }
    if (read > 0) return read;
    if (this.#reset) {
      this.#reset = false;
      return -ECONNRESET;
    }
    return (this.#shutdown & receive) !== 0 ? 0 : -EAGAIN;
  }

  #freed(): void {
    this.#unsure = true;
    if (!this.#filled && !this.#dead) this.queue.wake(writable);
  }

  /** @param how SHUT_RD, SHUT_WR or SHUT_RDWR */
  shutdown(how: number): number {
    const directions = how + 1;
    this.#shutdown |= directions;
    this.queue.wake(0);
    if (this.#peer.#dead) return 0;
    this.#peer.#shutdown |= ((directions & receive) << 1) | ((directions & send) >> 1);
    this.#peer.queue.wake(0);
    return 0;
  }

  released(): void {
    this.#dead = true;
    this.#shutdown = both;
    const unread = this.#received.length > 0;
    this.#received = [];
    if (this.#peer.#dead) return;
    this.#peer.#shutdown = both;
    this.#peer.#reset ||= unread;
    this.#peer.queue.wake(0);
    if (unread) this.#peer.#freed();
  }
}
