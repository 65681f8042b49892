import { OwnedFd } from '../../fd/ownedFd.ts';
import { pollNow } from '../../fd/pollNow.ts';
import { check, SystemError } from '../../fd/systemError.ts';
import { byteLengthOf, bytesOf } from '../../sys/argument.ts';
import {
  EAGAIN,
  EINTR,
  EPIPE,
  F_GETFL,
  fcntl,
  MSG_DONTWAIT,
  MSG_NOSIGNAL,
  O_NONBLOCK,
  POLLOUT,
  send,
  write,
} from '../../sys/index.ts';
import { type FileKind, ownDescription } from './ownDescription.ts';

// What a writable poll(2) promises to take without waiting: PIPE_BUF of a pipe (pipe(7)), one byte of a terminal
// (tty_write_room in n_tty_poll). Other devices take messages, which must not be cut.
const promised: Readonly<Record<FileKind, number>> = { fifo: 4096, tty: 1, socket: Infinity, other: Infinity };

/** Writes to a descriptor of someone else without waiting, whatever its flags are, and without changing them. */
export class BorrowedWriter extends OwnedFd {
  readonly #kind: FileKind;
  readonly #own: boolean;

  /** @throws as `ownDescription` */
  constructor(borrowed: number) {
    const { fd, kind, own } = ownDescription(borrowed, 'write');
    super(fd);
    this.#kind = kind;
    this.#own = own;
  }

  /** @returns how many bytes were taken; null where it would wait. @throws {SystemError} EPIPE, ENOSPC, EIO, … */
  tryWrite(data: Uint8Array): number | null {
    const { fd } = this;
    for (;;) {
      const answer = this.#writeOnce(fd, data);
      if (answer >= 0) return answer;
      if (answer === -EAGAIN) return null;
      if (answer === -EINTR) continue;
      const advice = answer === -EPIPE ? 'nobody reads it any more' : '';
      throw new SystemError(answer, this.#kind === 'socket' ? 'send' : 'write', { fd }, advice);
    }
  }

  #writeOnce(fd: number, data: Uint8Array): number {
    if (this.#kind === 'socket') return send(fd, data, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (this.#own) return write(fd, data);
    if (check(pollNow(fd, POLLOUT), 'poll', { fd }) === 0) return -EAGAIN;
    // Its owner may have made it non-blocking; asked each time, as whoever shares it can change that.
    const most = (check(fcntl(fd, F_GETFL), 'fcntl', { fd }) & O_NONBLOCK) === 0 ? promised[this.#kind] : Infinity;
    return write(fd, byteLengthOf(data) > most ? bytesOf(data, 0, most) : data);
  }
}
