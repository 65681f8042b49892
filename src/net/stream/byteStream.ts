import { byteLengthOf, bytesOf } from '../../sys/argument.ts';
import type { DuplexOptions, SocketDuplex } from '../adapt/socketDuplex.ts';
import { StreamAdapters } from '../adapt/streamAdapters.ts';
import { ByteChannel, type ChannelKind, type Direction, plainBytes } from '../core/byteChannel.ts';
import type { OperationOptions } from '../core/deadline.ts';
import { eachChunk } from '../core/eachChunk.ts';
import { Outgoing } from '../core/sendAll.ts';
import { Socket, type SocketOptions } from '../core/socket.ts';
import { TaskQueue } from '../core/taskQueue.ts';
import { textOrBytes } from '../core/textOrBytes.ts';
import { totalLength } from '../core/totalLength.ts';

/**
 * A connected socket that carries bytes both ways: what `TcpStream` and `UnixStream` have in common.
 *
 * `try…` methods never wait: `null` says that it would. Nothing is buffered here: a byte that was not read is in the
 * kernel.
 *
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { type ByteStream, TcpListener, TcpStream } from 'epoll-ts/net';
 *
 * async function echo(stream: ByteStream): Promise<void> {
 *   for await (const chunk of stream) await stream.write(chunk);
 *   stream.close();
 * }
 * const listener = new TcpListener({ address: '127.0.0.1' });
 * const client = await TcpStream.connect({ host: '127.0.0.1', port: listener.localAddress.port });
 * const served = echo(await listener.accept());
 * await client.write('hi');
 * assert.equal(await client.read(new Uint8Array(8)), 2);
 * await client.end();
 * await served;
 * client.close();
 * listener.close();
 * ```
 */
export abstract class ByteStream extends Socket {
  /** @internal The kernel's calls and their books: what an adapter is handed. */
  protected readonly channel: ByteChannel;
  /** @internal The writes that are under way, one after another. */
  protected readonly writes: TaskQueue = new TaskQueue();
  /** @internal What has taken a direction. */
  protected readonly adapters: StreamAdapters;

  protected constructor(fd: number, options: SocketOptions, origin?: Function | string, kind?: ChannelKind) {
    super(fd, options, origin);
    this.channel = new ByteChannel(this, this.readiness, kind ?? plainBytes);
    this.adapters = new StreamAdapters(this.channel, this.writes);
  }

  /** Bytes that reads have given so far. */
  get bytesRead(): number {
    return this.channel.bytesRead;
  }

  /** Bytes that the kernel has taken so far: after a write that was given up, this tells how far it came. */
  get bytesWritten(): number {
    return this.channel.bytesWritten;
  }

  /**
   * Reads what is there, at most as many bytes as fit.
   *
   * @returns the number of bytes; 0 at the end, when the peer has finished sending; null where it would wait
   * @throws {TypeError | RangeError} when `into` is no Uint8Array, or has no room: 0 would look like the end
   * @throws {TypeError} when `toDuplex()` or `readable` has taken the direction
   * @throws {ClosedError} after `close()`
   * @throws {SystemError} ECONNRESET when the peer has reset the connection; ETIMEDOUT; EBADF when the fd was closed
   * @see https://man7.org/linux/man-pages/man2/recv.2.html
   */
  tryRead(into: Uint8Array): number | null {
    this.adapters.refuse('read from', 'read');
    return this.channel.read(into);
  }

  /**
   * Reads into several buffers, in order; otherwise as `tryRead`.
   *
   * @param into at most 1024 buffers, with room for a byte
   * @see https://man7.org/linux/man-pages/man2/recvmsg.2.html
   */
  tryReadv(into: readonly Uint8Array[]): number | null {
    this.adapters.refuse('read from', 'read');
    return this.channel.readv(into);
  }

  /**
   * Writes as much as there is room for.
   *
   * @returns the number of bytes, which can be less than asked; null where it would wait
   * @throws {TypeError} when `data` is no Uint8Array; when `toDuplex()` or `writable` has taken the direction
   * @throws {ClosedError} after `close()`
   * @throws {SystemError} EPIPE when this direction was ended, or the peer has closed; ECONNRESET; ETIMEDOUT
   * @see https://man7.org/linux/man-pages/man2/send.2.html
   */
  tryWrite(data: Uint8Array): number | null {
    this.adapters.refuse('write to', 'write');
    return this.channel.write(data);
  }

  /**
   * Writes several buffers, in order, in one call; otherwise as `tryWrite`.
   *
   * @param data of more than 1024 buffers the first 1024 are tried
   * @see https://man7.org/linux/man-pages/man2/sendmsg.2.html
   */
  tryWritev(data: readonly Uint8Array[]): number | null {
    this.adapters.refuse('write to', 'write');
    return this.channel.writev(data);
  }

  /**
   * Reads as `tryRead`, and waits until there is something.
   *
   * @returns the number of bytes; 0 at the end
   * @throws (as a rejection) what `tryRead` throws; the signal's reason, or a TimeoutError: then nothing was taken
   */
  read(into: Uint8Array, options?: OperationOptions): Promise<number> {
    if (options === undefined) return this.#read(into);
    return this.within(options, 'read', (signal) => this.#read(into, signal));
  }

  async #read(into: Uint8Array, signal?: AbortSignal): Promise<number> {
    let count = this.tryRead(into);
    if (count !== null && this.readiness.budget.spend(count)) await this.readiness.budget.rest();
    while (count === null) {
      await this.readiness.waitToRead(signal);
      count = this.tryRead(into);
    }
    return count;
  }

  /**
   * What comes, chunk by chunk, until the peer has finished, or the stream is closed. Leaving the loop does not close
   * it, and loses nothing. A chunk's memory is its own. @throws as `read`
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<Uint8Array> {
    return eachChunk((into) => this.tryRead(into), this.channel);
  }

  /**
   * Writes all of it, waiting for room as often as needed. Writes that are asked for at once go one after another.
   * The memory must not change until the promise is settled.
   *
   * @param data text goes as UTF-8
   * @throws (as a rejection) what `tryWrite` throws; the signal's reason, or a TimeoutError: see `bytesWritten` then
   */
  async write(data: string | Uint8Array, options?: OperationOptions): Promise<void> {
    const chunk = textOrBytes(data, 'data');
    const length = byteLengthOf(chunk);
    // Mostly there is room for all of it, and nothing to be waited for.
    const now = options === undefined && this.writes.idle && length > 0 ? this.tryWrite(chunk) : null;
    if (now !== length) return this.writev([bytesOf(chunk, now ?? 0)], options);
    if (this.readiness.budget.spend(length)) await this.readiness.budget.rest();
  }

  /** Writes all of several buffers, in order; otherwise as `write`. */
  async writev(data: readonly Uint8Array[], options: OperationOptions = {}): Promise<void> {
    // `fd` throws after close().
    if (totalLength(data, 'data') === 0) return void this.fd;
    this.adapters.refuse('write to', 'write');
    const outgoing = new Outgoing(data);
    await this.within(options, 'write', (signal) => this.writes.run(() => this.channel.sendAll(outgoing, signal)));
  }

  /**
   * Ends a direction at once: `'write'` sends the end to the peer, which can still be read from (a half-close).
   *
   * @throws {TypeError} for another direction
   * @throws {ClosedError} after `close()`
   * @throws {SystemError} ENOTCONN when the connection is gone
   * @see https://man7.org/linux/man-pages/man2/shutdown.2.html
   */
  shutdown(direction: Direction = 'write'): void {
    this.adapters.refuse('shut down', direction);
    this.channel.shutdown(direction);
  }

  /**
   * Ends the writing direction when the writes before it have ended. A connection that is gone already is no error.
   *
   * @throws {ClosedError} (as a rejection) after `close()`
   */
  async end(): Promise<void> {
    this.adapters.refuse('end', 'write');
    await this.writes.run(async () => this.channel.end('write'));
  }

  /**
   * Gives the connection away, open, without losing a byte: to another thread (post the number, and take it there with
   * `attach`) or to a C function. Waits that are pending are rejected with ClosedError, and this object is closed.
   *
   * @returns the descriptor, which the receiver closes
   * @throws {ClosedError} after `close()`
   * @throws {TypeError} when `toDuplex()`, `readable` or `writable` has taken a direction, with its buffers
   */
  detach(): number {
    this.adapters.refuse('detach', 'both');
    return this.giveAway();
  }

  /**
   * Makes a `node:stream` Duplex of the stream, which can do what a `net.Socket` can: for `new tls.TLSSocket(duplex)`,
   * `stream.pipeline()`, and whatever else takes a stream; `attachHttp` makes the Duplexes of an HTTP server itself.
   *
   * From then on the Duplex owns both directions, and destroying it closes this object. What it has read ahead is in
   * its buffers: reading, writing and `detach()` here throw.
   *
   * @throws {TypeError} when the stream was taken already, or an option is wrong
   * @throws {ClosedError} after `close()`
   */
  toDuplex(options: DuplexOptions = {}): SocketDuplex {
    return this.adapters.toDuplex(options);
  }

  /**
   * The reading direction as a Web Stream of bytes: nothing is read before it is asked for, and a BYOB reader's memory
   * is read into directly. Cancelling it ends the direction. It ends with the peer's end; a fault of the connection is
   * its error.
   *
   * Asking for it takes the direction: reading here, and `detach()`, throw from then on. When `writable` was taken too,
   * the socket is closed when both have ended; otherwise close it.
   *
   * @throws {TypeError} when `toDuplex()` has taken the stream
   * @throws {ClosedError} after `close()`, where it was not taken before
   */
  get readable(): ReadableStream<Uint8Array> {
    return this.adapters.readable;
  }

  /**
   * The writing direction as a Web Stream that takes Uint8Arrays. A write is done when the kernel has taken all of it.
   * Closing it ends the direction (a half-close); aborting it closes the socket, with a reset where there is one, as
   * what was sent is not all. Otherwise as `readable`.
   *
   * @throws {TypeError} when `toDuplex()` has taken the stream
   * @throws {ClosedError} after `close()`, where it was not taken before
   */
  get writable(): WritableStream<Uint8Array> {
    return this.adapters.writable;
  }

  /** For `await using`: closes when the writes that are under way have ended, however they end. @throws as `close` */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.writes.idle) await this.writes.run(async () => {});
    this.close();
  }
}
