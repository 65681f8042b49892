import { OwnedFd } from '../../fd/ownedFd.ts';
import { pollNow } from '../../fd/pollNow.ts';
import { check, SystemError } from '../../fd/systemError.ts';
import { EAGAIN, EINTR, EIO, MSG_DONTWAIT, POLLHUP, POLLIN, read, recv } from '../../sys/index.ts';
import { type FileKind, ownDescription } from './ownDescription.ts';

/** Reads a descriptor of someone else without waiting, whatever its flags are, and without changing them. */
export class BorrowedReader extends OwnedFd {
  readonly #kind: FileKind;
  readonly #own: boolean;
  // The description that was borrowed has had its writers; one that was opened since doesn't know that.
  readonly #hadWriters: boolean;

  /** @throws as `ownDescription` */
  constructor(borrowed: number) {
    const { fd, kind, own } = ownDescription(borrowed, 'read');
    super(fd);
    this.#kind = kind;
    this.#own = own;
    try {
      this.#hadWriters = kind === 'fifo' && own && isHungUp(borrowed);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** @returns the number of bytes; 0 at the end; null where it would wait. @throws {SystemError} ECONNRESET, EIO, … */
  tryRead(into: Uint8Array): number | null {
    const { fd } = this;
    for (;;) {
      const answer = this.#readOnce(fd, into);
      if (answer > 0) return answer;
      if (answer === 0) return this.#atEnd ? 0 : null;
      if (answer === -EAGAIN) return null;
      // What the master of a pty answers when the last slave is closed.
      if (answer === -EIO && this.#kind === 'tty' && isHungUp(fd)) return 0;
      if (answer !== -EINTR) throw new SystemError(answer, this.#kind === 'socket' ? 'recv' : 'read', { fd });
    }
  }

  #readOnce(fd: number, into: Uint8Array): number {
    if (this.#kind === 'socket') return recv(fd, into, MSG_DONTWAIT);
    // POLLERR, POLLHUP and POLLNVAL are in the answer too: a read then has an end or an error at once.
    if (!this.#own && check(pollNow(fd, POLLIN), 'poll', { fd }) === 0) return -EAGAIN;
    return read(fd, into);
  }

  // A FIFO that has had no writer yet reads like one whose writers are gone; only poll(2) tells them apart.
  get #atEnd(): boolean {
    return this.#kind !== 'fifo' || this.#hadWriters || isHungUp(this.fd);
  }
}

function isHungUp(fd: number): boolean {
  return (check(pollNow(fd, POLLIN), 'poll', { fd }) & POLLHUP) !== 0;
}
