import { OwnedFd } from '../../fd/ownedFd.ts';
import { pollNow } from '../../fd/pollNow.ts';
import { check, SystemError } from '../../fd/systemError.ts';
import { EAGAIN, EINTR, EIO, FIONREAD, ioctl, MSG_DONTWAIT, POLLHUP, POLLIN, read, recv } from '../../sys/index.ts';
import { type FileKind, isSocket, ownDescription } from './ownDescription.ts';

/** Reads a descriptor of someone else without waiting, whatever its flags are, and without changing them. */
export class BorrowedReader extends OwnedFd {
  readonly #kind: FileKind;
  // The description that was borrowed has had its writers; one that was opened since doesn't know that.
  readonly #hadWriters: boolean;

  /** @throws as `ownDescription` */
  constructor(borrowed: number) {
    const { fd, kind, own } = ownDescription(borrowed, 'read');
    super(fd);
    this.#kind = kind;
    try {
      this.#hadWriters = kind === 'fifo' && own && isHungUp(borrowed);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /**
   * @returns the number of bytes; 0 at the end; null where it would wait, or an empty datagram came.
   *
   * @throws {SystemError} ECONNRESET, EIO, …
   */
  tryRead(into: Uint8Array): number | null {
    const { fd } = this;
    for (;;) {
      const answer = this.#readOnce(fd, into);
      if (answer > 0) return answer;
      if (answer === 0) return this.#atEnd ? 0 : null;
      if (answer === -EAGAIN) return null;
      // What the master of a pty answers when the last slave is closed.
      if (answer === -EIO && this.#kind === 'tty' && isHungUp(fd)) return 0;
      if (answer !== -EINTR) throw new SystemError(answer, isSocket(this.#kind) ? 'recv' : 'read', { fd });
    }
  }

  #readOnce(fd: number, into: Uint8Array): number {
    if (isSocket(this.#kind)) return recv(fd, into, MSG_DONTWAIT);
    // POLLERR, POLLHUP and POLLNVAL are in the answer too: a read then has an end or an error at once.
    if (check(pollNow(fd, POLLIN), 'poll', { fd }) === 0) {
      // Opened since they have gone, it has a read tell of the end, and poll(2) not. It is ours alone, and
      // non-blocking.
      if (!this.#hadWriters) return -EAGAIN;
    }
    return read(fd, into);
  }

  get #atEnd(): boolean {
    switch (this.#kind) {
      // One that has had no writer yet reads like one whose writers are gone; only poll(2) tells them apart.
      case 'fifo':
        return this.#hadWriters || isHungUp(this.fd);
      // It was empty, and there is no end.
      case 'datagrams':
        return false;
      // It was empty, or it is the end; what an empty one stands before is not lost.
      case 'messages':
        return isHungUp(this.fd) && waitingBytes(this.fd) === 0;
      default:
        return true;
    }
  }
}

function isHungUp(fd: number): boolean {
  return (check(pollNow(fd, POLLIN), 'poll', { fd }) & POLLHUP) !== 0;
}

function waitingBytes(fd: number): number {
  const count = new Int32Array(1);
  check(ioctl(fd, FIONREAD, new Uint8Array(count.buffer)), 'ioctl', { fd });
  return count[0] ?? 0;
}
