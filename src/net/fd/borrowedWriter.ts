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
import { type FileKind, isSocket, ownDescription } from './ownDescription.ts';

// What a writable poll(2) promises to take without waiting: PIPE_BUF of a pipe (pipe(7)), one byte of a terminal
// (tty_write_room in n_tty_poll). Other devices take messages, which must not be cut.
const promised: Readonly<Partial<Record<FileKind, number>>> = { fifo: 4096, tty: 1 };

/** Writes to a descriptor of someone else without waiting, whatever its flags are, and without changing them. */
export class BorrowedWriter extends OwnedFd {
  readonly #kind: FileKind;

  /** @throws as `ownDescription` */
  constructor(borrowed: number) {
    const { fd, kind } = ownDescription(borrowed, 'write');
    super(fd);
    this.#kind = kind;
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
      throw new SystemError(answer, isSocket(this.#kind) ? 'send' : 'write', { fd }, advice);
    }
  }

  #writeOnce(fd: number, data: Uint8Array): number {
    if (isSocket(this.#kind)) return send(fd, data, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (check(pollNow(fd, POLLOUT), 'poll', { fd }) === 0) return -EAGAIN;
    // Asked each time, as whoever shares it can change that.
    const blocking = (check(fcntl(fd, F_GETFL), 'fcntl', { fd }) & O_NONBLOCK) === 0;
    const most = (blocking ? promised[this.#kind] : undefined) ?? Infinity;
    return write(fd, byteLengthOf(data) > most ? bytesOf(data, 0, most) : data);
  }
}
