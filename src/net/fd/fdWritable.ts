import { addAbortSignal, Writable } from 'node:stream';
import { type FdLike, fdOf } from '../../fd/fdLike.ts';
import type { Registration } from '../../reactor/registration.ts';
import { TurnBudget } from '../../reactor/turnBudget.ts';
import { bytes } from '../../sys/argument.ts';
import { type ByteSink, Outgoing, sendAll, type SendWaits } from '../core/sendAll.ts';
import { BorrowedWriter } from './borrowedWriter.ts';
import { closed, closeStream, type FdStreamOptions, readFdStreamOptions, registerFile } from './fdStreamOptions.ts';

/** What `fdWritable` makes. */
export interface FdWritable extends Writable {
  /** Has it keep the process alive while it waits (the state after creation). */
  ref(): this;
  /** Lets the process end although it waits. */
  unref(): this;
}

class WritableOfFd extends Writable implements FdWritable {
  readonly #writer: BorrowedWriter;
  readonly #registration: Registration;
  readonly #close: () => Promise<void>;
  readonly #sink: ByteSink = { write: (data) => this.#writer.tryWrite(data) };
  readonly #waits: SendWaits = { budget: new TurnBudget(), untilRoom: () => this.#registration.writable() };

  constructor(target: FdLike, options: FdStreamOptions | undefined) {
    const { autoClose = false, highWaterMark = 65_536, reactor, signal } = readFdStreamOptions(options);
    const fd = fdOf(target, 'target');
    super({ highWaterMark });
    this.#writer = new BorrowedWriter(fd);
    this.#registration = registerFile(this.#writer, { writable: true }, { reactor, borrowed: fd });
    this.#close = () => closeStream(this.#writer, { target, fd, autoClose });
    if (signal !== undefined) addAbortSignal(signal, this);
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    // On a tick of its own: what listeners throw is not a rejection.
    void this.#writeAll(chunk).then((error) => process.nextTick(callback, error));
  }

  /** @returns the error with which it failed; null when all was taken */
  async #writeAll(chunk: Buffer): Promise<Error | null> {
    try {
      // One whose memory was transferred while it waited for its turn has no bytes left: that is no success.
      await sendAll(new Outgoing([bytes(chunk, 'chunk')]), this.#sink, this.#waits);
      return null;
    } catch (error) {
      return error as Error;
    }
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    void closed(this.#close(), error).then((reason) => process.nextTick(callback, reason));
  }

  ref(): this {
    this.#registration.ref();
    return this;
  }

  unref(): this {
    this.#registration.unref();
    return this;
  }
}

/**
 * A `node:stream` Writable for anything that can be polled: a FIFO, a terminal, a pipe, a device, a socket, an eventfd.
 *
 * A write is done when the kernel has taken all of it. Each `write()` is one call of the kernel where it has room, as
 * an eventfd or a tun device wants it. The descriptor is borrowed, and its flags stay as they are: see `fdReadable`.
 * Where it can't be opened once more and is blocking, no more is written at once than poll(2) promises room for: 4096
 * bytes of a pipe, one byte of a pty's master (set O_NONBLOCK on a master that is yours alone: then it is as fast as
 * any).
 *
 * The reader of a pipe sees the end when all its writers are closed: the given one too, so set `autoClose`, or close
 * it.
 *
 * @param target borrowed, unless `autoClose` is set
 * @throws {SystemError} EPERM for a file that can't be polled, such as a regular one: `node:fs` writes those; EBADF,
 *   EMFILE
 * @throws {TypeError | RangeError} when it is not open for writing, or an option is wrong
 * @see https://man7.org/linux/man-pages/man7/pipe.7.html
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { text } from 'node:stream/consumers';
 * import { Pipe } from 'epoll-ts';
 * import { fdReadable, fdWritable } from 'epoll-ts/net';
 *
 * const pipe = new Pipe();
 * const received = text(fdReadable(pipe.reader, { autoClose: true }));
 * fdWritable(pipe.writer, { autoClose: true }).end('hello');
 * assert.equal(await received, 'hello');
 * ```
 */
export function fdWritable(target: FdLike, options?: FdStreamOptions): FdWritable {
  return new WritableOfFd(target, options);
}
