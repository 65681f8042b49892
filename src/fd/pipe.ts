import { byteLengthOf, bytes } from '../sys/argument.ts';
import {
  close,
  EAGAIN,
  EINTR,
  EPIPE,
  F_GETFL,
  fcntl,
  O_CLOEXEC,
  O_NONBLOCK,
  pipe2,
  POLLOUT,
  write,
} from '../sys/index.ts';
import { lacksNoWait, writeNow } from '../sys/noWait.ts';
import { creationAdvice } from './advice.ts';
import { OwnedFd } from './ownedFd.ts';
import { pollNow } from './pollNow.ts';
import { readAvailable } from './readAvailable.ts';
import { SystemError } from './systemError.ts';

// linux/limits.h
const PIPE_BUF = 4096;

/**
 * The end of a `Pipe` from which bytes come: readable while there are some, hung up (EPOLLHUP) when every writer is
 * closed.
 *
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { Pipe } from 'epoll-ts';
 *
 * const { reader, writer } = new Pipe();
 * const into = new Uint8Array(16);
 * assert.equal(reader.read(into), null, 'would block');
 * writer.close();
 * assert.equal(reader.read(into), 0, 'the end');
 * reader.close();
 * ```
 */
export class PipeReader extends OwnedFd {
  /** @param fd a non-blocking descriptor to take over; `new Pipe()` does this */
  constructor(fd: number) {
    super(fd, true, Pipe);
  }

  /**
   * Reads at most as many bytes as fit.
   *
   * @returns the number of bytes; 0 when all were read and every writer is closed; null where the call would block
   * @throws {TypeError} when `into` is no Uint8Array
   * @throws {RangeError} when it has no room, since 0 would look like the end
   * @throws {ClosedError} after `close()`
   * @throws {SystemError} EBADF when someone else closed the descriptor
   * @see https://man7.org/linux/man-pages/man7/pipe.7.html
   */
  read(into: Uint8Array): number | null {
    const fd = this.fd;
    if (byteLengthOf(bytes(into, 'into')) === 0) {
      throw new RangeError("Cannot use 'into' as it must have room for a byte: current length is 0");
    }
    return readAvailable(fd, into);
  }
}

/**
 * The end of a `Pipe` into which bytes go: writable while there is room, in error (EPOLLERR) when every reader is
 * closed.
 *
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { Pipe } from 'epoll-ts';
 *
 * const { reader, writer } = new Pipe();
 * let written = 0;
 * for (let count; (count = writer.write(new Uint8Array(4096))) !== false; ) written += count;
 * assert.ok(written >= 4096, 'until the pipe is full');
 * reader.close();
 * assert.throws(() => writer.write(new Uint8Array(1)), { code: 'EPIPE' });
 * writer.close();
 * ```
 */
export class PipeWriter extends OwnedFd {
  /** @param fd a non-blocking descriptor to take over; `new Pipe()` does this */
  constructor(fd: number) {
    super(fd, true, Pipe);
  }

  /**
   * Writes as many bytes as there is room for. Up to 4096 bytes (PIPE_BUF) go together or not at all; of more, the
   * first part may go.
   *
   * @returns the number of bytes; false where the pipe is full and the call would block
   * @throws {TypeError} when `data` is no Uint8Array
   * @throws {ClosedError} after `close()`
   * @throws {SystemError} EPIPE when every reader is closed; EBADF when someone else closed the descriptor
   * @see https://man7.org/linux/man-pages/man7/pipe.7.html
   */
  write(data: Uint8Array): number | false {
    const fd = this.fd;
    for (;;) {
      let answer = writeNow(fd, data);
      if (lacksNoWait(answer)) answer = writeAfterPoll(fd, data);
      if (answer >= 0) return answer;
      if (answer === -EAGAIN) return false;
      if (answer === -EINTR) continue;
      const advice = answer === -EPIPE ? 'every reader of this pipe is closed: close the writer' : '';
      throw new SystemError(answer, 'write', { fd }, advice);
    }
  }
}

// Room for PIPE_BUF bytes is what POLLOUT says: on a blocking descriptor, a larger write waits until all of it has
// gone.
function writeAfterPoll(fd: number, data: Uint8Array): number {
  const blocking = (fcntl(fd, F_GETFL) & O_NONBLOCK) === 0;
  if (!blocking) return write(fd, data);
  const ready = pollNow(fd, POLLOUT);
  if (ready < 0) return ready;
  return ready === 0 ? -EAGAIN : write(fd, data, Math.min(byteLengthOf(data), PIPE_BUF));
}

/**
 * A pipe: what is written into `writer` comes out of `reader`. Each end owns its descriptor and can be closed alone.
 * Both are close-on-exec and non-blocking.
 *
 * @see https://man7.org/linux/man-pages/man2/pipe2.2.html
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { Pipe } from 'epoll-ts';
 *
 * const pipe = new Pipe();
 * assert.equal(pipe.writer.write(Buffer.from('hello')), 5);
 * const into = new Uint8Array(16);
 * assert.equal(pipe.reader.read(into), 5);
 * assert.equal(Buffer.from(into.subarray(0, 5)).toString(), 'hello');
 * pipe.close();
 * ```
 */
export class Pipe {
  /** The end to read from. */
  readonly reader: PipeReader;
  /** The end to write to. */
  readonly writer: PipeWriter;

  /** @throws {SystemError} EMFILE or ENFILE when there are too many open files. */
  constructor() {
    const ends = pipe2(O_CLOEXEC | O_NONBLOCK);
    if (typeof ends === 'number') throw new SystemError(ends, 'pipe2', {}, creationAdvice(ends));
    const [readable, writable] = ends;
    let reader: PipeReader | undefined;
    try {
      reader = new PipeReader(readable);
      this.writer = new PipeWriter(writable);
      this.reader = reader;
    } catch (error) {
      if (reader === undefined) close(readable);
      else reader.close();
      close(writable);
      throw error;
    }
  }

  /**
   * Closes both ends; one that is closed already is left alone.
   *
   * @throws {SystemError} as the ends' `close()`; both are closed all the same.
   */
  close(): void {
    try {
      this.writer.close();
    } finally {
      this.reader.close();
    }
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
