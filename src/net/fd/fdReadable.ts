import { addAbortSignal, Readable } from 'node:stream';
import { type FdLike, fdOf } from '../../fd/fdLike.ts';
import type { Registration } from '../../reactor/registration.ts';
import { TurnBudget } from '../../reactor/turnBudget.ts';
import { BorrowedReader } from './borrowedReader.ts';
import { closed, closeStream, type FdStreamOptions, readFdStreamOptions, registerFile } from './fdStreamOptions.ts';
import { readChunk } from '../core/readChunk.ts';

/** What `fdReadable` makes. */
export interface FdReadable extends Readable {
  /** Has it keep the process alive while it waits (the state after creation). */
  ref(): this;
  /** Lets the process end although it waits. */
  unref(): this;
}

class ReadableOfFd extends Readable implements FdReadable {
  readonly #reader: BorrowedReader;
  readonly #registration: Registration;
  readonly #close: () => Promise<void>;
  readonly #budget = new TurnBudget();
  #busy = false;

  constructor(target: FdLike, options: FdStreamOptions | undefined) {
    const { autoClose = false, highWaterMark = 65_536, reactor, signal } = readFdStreamOptions(options);
    const fd = fdOf(target, 'target');
    super({ highWaterMark });
    this.#reader = new BorrowedReader(fd);
    this.#registration = registerFile(this.#reader, { readable: true }, { reactor, borrowed: fd });
    this.#close = () => closeStream(this.#reader, { target, fd, autoClose });
    if (signal !== undefined) addAbortSignal(signal, this);
  }

  override _read(): void {
    if (this.#busy) return;
    this.#busy = true;
    // What listeners throw is not a rejection, and not the stream's fault.
    this.#readOn().catch((error: unknown) => {
      setImmediate(() => {
        throw error;
      });
    });
  }

  async #readOn(): Promise<void> {
    while (this.#busy) {
      const chunk = await this.#next();
      // Before push(): its listeners can ask for more.
      this.#busy = false;
      if (this.destroyed || chunk === null) return;
      const goOn = this.push(chunk.length === 0 ? null : chunk);
      if (this.#busy || !goOn || chunk.length === 0) return;
      this.#busy = true;
    }
  }

  /** @returns null when the stream was destroyed, for its fault or by someone else */
  async #next(): Promise<Buffer | null> {
    try {
      for (;;) {
        if (this.#budget.usedUp) await this.#budget.rest();
        if (this.destroyed) return null;
        const chunk = readChunk((into) => this.#reader.tryRead(into));
        if (chunk !== null) {
          this.#budget.spend(chunk.length);
          return chunk;
        }
        this.#budget.renew();
        await this.#registration.readable();
      }
    } catch (error) {
      if (!this.destroyed) this.destroy(error as Error);
      return null;
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
 * A `node:stream` Readable for anything that can be polled: a FIFO, a terminal, a pipe, a device, a socket, an eventfd,
 * stdin.
 *
 * Nothing is read that the program has not room for. The descriptor is borrowed, and its flags stay as they are: what
 * shares it (the shell, a child) does not find it non-blocking. A FIFO, a pipe and a terminal are opened once more,
 * through `/proc/self/fd`; anything else is read when poll(2) says that there is something, and should have no other
 * reader then.
 *
 * A FIFO ends when its last writer has gone, not before it has had one. The master of a pty ends with its last slave.
 *
 * The stream works on a descriptor of its own: closing the given number does not end it, `destroy()` does.
 *
 * @param target borrowed, unless `autoClose` is set
 * @throws {SystemError} EPERM for a file that can't be polled, such as a regular one: `node:fs` reads those; EBADF,
 *   EMFILE
 * @throws {TypeError | RangeError} when it is not open for reading, or an option is wrong
 * @see https://man7.org/linux/man-pages/man7/fifo.7.html
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { text } from 'node:stream/consumers';
 * import { Pipe } from 'epoll-ts';
 * import { fdReadable } from 'epoll-ts/net';
 *
 * const pipe = new Pipe();
 * pipe.writer.write(Buffer.from('hello'));
 * pipe.writer.close();
 * assert.equal(await text(fdReadable(pipe.reader, { autoClose: true })), 'hello');
 * ```
 */
export function fdReadable(target: FdLike, options?: FdStreamOptions): FdReadable {
  return new ReadableOfFd(target, options);
}
