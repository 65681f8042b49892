import { ClosedError } from '../../fd/closedError.ts';
import { byteLengthOf, bytes, bytesOf, describe } from '../../sys/argument.ts';
import {
  EAGAIN,
  EINTR,
  ENOTCONN,
  IOV_MAX,
  MSG_NOSIGNAL,
  recv,
  recvmsg,
  send,
  sendmsg,
  SHUT_RD,
  SHUT_RDWR,
  SHUT_WR,
  shutdown,
} from '../../sys/index.ts';
import { afterBytes } from '../core/afterBytes.ts';
import { connectionAdvice } from '../core/connectionAdvice.ts';
import { checkOperation, inTime, type OperationOptions } from '../core/inTime.ts';
import { InTurn } from '../core/inTurn.ts';
import { Socket } from '../core/socket.ts';
import { type DuplexOptions, SocketDuplex } from '../adapt/socketDuplex.ts';
import type { SocketFeatures } from '../core/socketFeatures.ts';
import { StreamClaim } from '../adapt/streamClaim.ts';
import { totalLength } from '../core/totalLength.ts';
import { webReadable } from '../adapt/webReadable.ts';
import { webWritable } from '../adapt/webWritable.ts';

/** Which direction `shutdown` ends. */
export type Direction = 'read' | 'write' | 'both';

const noOptions: OperationOptions = {};
const directions = { read: SHUT_RD, write: SHUT_WR, both: SHUT_RDWR } as const;

/**
 * A connected socket that carries bytes both ways: what `TcpStream` and `UnixStream` have in common.
 *
 * `try…` methods never wait: `null` says that it would. Nothing is buffered here: a byte that was not read is in the kernel.
 *
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { type ByteStream, TcpListener, TcpStream } from 'epoll-ts/net';
 *
 * async function echo(stream: ByteStream): Promise<void> {
 *   const into = new Uint8Array(4096);
 *   for (let count; (count = await stream.read(into)) > 0; ) await stream.write(into.subarray(0, count));
 *   await stream.end();
 *   stream.close();
 * }
 * const listener = new TcpListener({ address: '127.0.0.1' });
 * const client = await TcpStream.connect({ host: '127.0.0.1', port: listener.localAddress.port });
 * const served = echo(await listener.accept());
 * await client.write(Buffer.from('hi'));
 * assert.equal(await client.read(new Uint8Array(8)), 2);
 * await client.end();
 * await served;
 * client.close();
 * listener.close();
 * ```
 */
export abstract class ByteStream extends Socket {
  #bytesRead = 0;
  #bytesWritten = 0;
  readonly #writes = new InTurn();
  readonly #claim = new StreamClaim(this);
  #readable: ReadableStream<Uint8Array> | undefined;
  #writable: WritableStream<Uint8Array> | undefined;

  /** Bytes that reads have given so far. */
  get bytesRead(): number {
    return this.#bytesRead;
  }

  /** Bytes that the kernel has taken so far: after a write that was given up, this tells how far it came. */
  get bytesWritten(): number {
    return this.#bytesWritten;
  }

  /**
   * Reads what is there, at most as many bytes as fit.
   *
   * @returns the number of bytes; 0 at the end, when the peer has finished sending; null where it would wait
   * @throws {TypeError | RangeError} when `into` is no Uint8Array, or has no room: 0 would look like the end
   * @throws {TypeError} when `toDuplex()` or `readable` has taken the direction
   * @throws {ClosedError} after `close()`
   * @throws {SystemError} ECONNRESET when the peer has reset the connection; ETIMEDOUT; EBADF when someone else closed the fd
   * @see https://man7.org/linux/man-pages/man2/recv.2.html
   */
  tryRead(into: Uint8Array): number | null {
    this.#claim.refuse('read from', 'read');
    return this.takenRead(into);
  }

  /** @internal `tryRead` for what has taken the direction. */
  takenRead(into: Uint8Array): number | null {
    const { fd } = this;
    const room = byteLengthOf(bytes(into, 'into'));
    if (room === 0) throw new RangeError("Cannot use 'into' as it must have room for a byte: current length is 0");
    if (!this.mayRead) return null;
    let answer;
    do answer = this.receive(fd, into);
    while (answer === -EINTR);
    if (answer < room && answer > 0) this.tookAll();
    return this.took(answer, 'recv');
  }

  /**
   * Reads into several buffers, in order; otherwise as `tryRead`.
   *
   * @param into at most 1024 buffers, with room for a byte
   * @see https://man7.org/linux/man-pages/man2/recvmsg.2.html
   */
  tryReadv(into: readonly Uint8Array[]): number | null {
    this.#claim.refuse('read from', 'read');
    const { fd } = this;
    if (totalLength(into, 'into') === 0) {
      throw new RangeError("Cannot use 'into' as it must have room for a byte: current length is 0");
    }
    if (!this.mayRead) return null;
    let answer;
    do answer = this.receivev(fd, into);
    while (answer === -EINTR);
    return this.took(answer, 'recvmsg');
  }

  /** Keeps the books of a read, by what the kernel has answered. */
  protected took(answer: number, syscall: string): number | null {
    if (answer >= 0) {
      this.#bytesRead += answer;
      return answer;
    }
    if (answer !== -EAGAIN) throw this.failed(answer, syscall, connectionAdvice(answer));
    this.drained();
    return null;
  }

  /** A read gave less than there was room for. What that means depends on the kind of socket. */
  protected tookAll(): void {}

  /**
   * Writes as much as there is room for.
   *
   * @returns the number of bytes, which can be less than asked; null where it would wait
   * @throws {TypeError} when `data` is no Uint8Array; when `toDuplex()` or `writable` has taken the direction
   * @throws {ClosedError} after `close()`
   * @throws {SystemError} EPIPE when this direction was ended or the peer has closed (no SIGPIPE is raised); ECONNRESET; ETIMEDOUT
   * @see https://man7.org/linux/man-pages/man2/send.2.html
   */
  tryWrite(data: Uint8Array): number | null {
    this.#claim.refuse('write to', 'write');
    return this.takenWrite(data);
  }

  /** @internal `tryWrite` for what has taken the direction. */
  takenWrite(data: Uint8Array): number | null {
    const { fd } = this;
    bytes(data, 'data');
    if (!this.mayWrite) return null;
    let answer;
    do answer = send(fd, data, MSG_NOSIGNAL);
    while (answer === -EINTR);
    return this.wrote(answer, 'send');
  }

  /**
   * Writes several buffers, in order, in one call; otherwise as `tryWrite`.
   *
   * @param data of more than 1024 buffers the first 1024 are tried
   * @see https://man7.org/linux/man-pages/man2/sendmsg.2.html
   */
  tryWritev(data: readonly Uint8Array[]): number | null {
    this.#claim.refuse('write to', 'write');
    return this.takenWritev(data);
  }

  /** @internal `tryWritev` for what has taken the direction. */
  takenWritev(data: readonly Uint8Array[]): number | null {
    const { fd } = this;
    if (!Array.isArray(data)) {
      throw new TypeError(`Cannot use 'data' as it must be an array of Uint8Array: current value is ${describe(data)}`);
    }
    const vector: readonly Uint8Array[] = data.length > IOV_MAX ? data.slice(0, IOV_MAX) : data;
    if (!this.mayWrite) return null;
    let answer;
    do answer = sendmsg(fd, vector, null, MSG_NOSIGNAL);
    while (answer === -EINTR);
    return this.wrote(answer, 'sendmsg');
  }

  /** Keeps the books of a write, by what the kernel has answered. */
  protected wrote(answer: number, syscall: string): number | null {
    if (answer >= 0) {
      this.#bytesWritten += answer;
      return answer;
    }
    if (answer !== -EAGAIN) throw this.failed(answer, syscall, connectionAdvice(answer));
    this.filled();
    return null;
  }

  /** One receive call of the kernel: ≥ 0, or -errno. */
  protected receive(fd: number, into: Uint8Array): number {
    return recv(fd, into, 0);
  }

  /** One receive call of the kernel into several buffers. */
  protected receivev(fd: number, into: readonly Uint8Array[]): number {
    return recvmsg(fd, into, null, 0);
  }

  /**
   * Reads as `tryRead`, and waits until there is something.
   *
   * @returns the number of bytes; 0 at the end
   * @throws (as a rejection) what `tryRead` throws; the signal's reason, or a TimeoutError: then nothing was taken
   */
  async read(into: Uint8Array, options: OperationOptions = noOptions): Promise<number> {
    checkOperation(options);
    if (options.timeoutMs !== undefined) {
      return inTime(options, (signal) => this.read(into, signal === undefined ? {} : { signal }));
    }
    let count = this.tryRead(into);
    const turn = count === null ? undefined : this.atOnce();
    if (turn !== undefined) await turn;
    while (count === null) {
      await this.waitToRead(options.signal);
      count = this.tryRead(into);
    }
    return count;
  }

  /**
   * Writes all of it, waiting for room as often as needed. Writes that are asked for at once go one after another.
   *
   * The memory must not change until the promise is settled.
   *
   * @throws (as a rejection) what `tryWrite` throws; the signal's reason, or a TimeoutError: then `bytesWritten` tells how far
   *   it came
   */
  async write(data: Uint8Array, options: OperationOptions = noOptions): Promise<void> {
    checkOperation(options);
    const length = byteLengthOf(bytes(data, 'data'));
    // Mostly there is room for all of it, and nothing to be waited for.
    const now = this.#writes.idle && length > 0 ? this.tryWrite(data) : null;
    if (now !== length) return this.writev([bytesOf(data, now ?? 0)], options);
    const turn = this.atOnce();
    if (turn !== undefined) await turn;
  }

  /** Writes all of several buffers, in order; otherwise as `write`. */
  async writev(data: readonly Uint8Array[], options: OperationOptions = {}): Promise<void> {
    if (totalLength(data, 'data') === 0) {
      if (this.closed) throw new ClosedError(this.constructor.name);
      return;
    }
    await inTime(options, (signal) => this.inTurn(() => this.writeAll(data, signal)));
    const turn = this.atOnce();
    if (turn !== undefined) await turn;
  }

  /** Runs a task when the writes before it have ended. */
  protected inTurn<T>(task: () => Promise<T>): Promise<T> {
    return this.#writes.run(task);
  }

  /** Writes what is left of a write whose turn it is. */
  protected async writeAll(data: readonly Uint8Array[], signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    let rest = data;
    for (;;) {
      const [only] = rest;
      const count = rest.length === 1 && only !== undefined ? this.tryWrite(only) : this.tryWritev(rest);
      rest = count === null ? rest : afterBytes(rest, count);
      if (rest.length === 0) return;
      if (count === null) await this.waitToWrite(signal);
    }
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
    if (this.closed) throw new ClosedError(this.constructor.name);
    if (!Object.hasOwn(directions, direction)) {
      const known = Object.keys(directions).join(', ');
      throw new TypeError(
        `Cannot shut down as 'direction' must be one of ${known}: current value is ${describe(direction)}`,
      );
    }
    this.#claim.refuse('shut down', direction);
    const answer = shutdown(this.fd, directions[direction]);
    if (answer < 0) throw this.failed(answer, 'shutdown', connectionAdvice(answer));
  }

  /**
   * Ends the writing direction when the writes before it have ended. A connection that is gone already is no error.
   *
   * @throws {ClosedError} (as a rejection) after `close()`
   */
  async end(): Promise<void> {
    this.#claim.refuse('end', 'write');
    await this.inTurn(async () => this.takenEnd('write'));
  }

  /** @internal Ends a direction for what has taken it. That the connection is gone already is no error. */
  takenEnd(direction: Direction): void {
    const answer = shutdown(this.fd, directions[direction]);
    if (answer < 0 && answer !== -ENOTCONN) throw this.failed(answer, 'shutdown');
  }

  /**
   * Gives the connection away, open, without losing a byte: to another thread (post the number, and take it there with
   * `attach`) or to a C function. Waits that are pending are rejected with ClosedError, and this object is closed.
   *
   * @returns the descriptor, which the receiver closes
   * @throws {ClosedError} after `close()`
   * @throws {TypeError} when `toDuplex()`, `readable` or `writable` has taken a direction: bytes may be in their buffers
   */
  detach(): number {
    this.#claim.refuse('detach', 'both');
    return this.giveAway();
  }

  /**
   * Makes a `node:stream` Duplex of the stream, which can do what a `net.Socket` can: for `new tls.TLSSocket(duplex)`,
   * `stream.pipeline()`, and whatever else takes a stream; `attachHttp` makes the Duplexes of an HTTP server itself.
   *
   * From then on the Duplex owns both directions, and destroying it closes this object. What it has read ahead is in its
   * buffers: reading, writing and `detach()` here throw.
   *
   * @throws {TypeError} when the stream was taken already, or an option is wrong
   * @throws {ClosedError} after `close()`
   */
  toDuplex(options: DuplexOptions = {}): SocketDuplex {
    this.#claimable('both');
    const duplex = new SocketDuplex(this, options);
    this.#claim.take('both', 'toDuplex()');
    return duplex;
  }

  /**
   * The reading direction as a Web Stream of bytes: nothing is read before it is asked for, and a BYOB reader's memory is read
   * into directly. Cancelling it ends the direction. It ends with the peer's end; a fault of the connection is its error.
   *
   * Asking for it takes the direction: reading here, and `detach()`, throw from then on. When `writable` was taken too, the
   * socket is closed when both have ended; otherwise close it.
   *
   * @throws {TypeError} when `toDuplex()` has taken the stream
   * @throws {ClosedError} after `close()`, where it was not taken before
   */
  get readable(): ReadableStream<Uint8Array> {
    if (this.#readable !== undefined) return this.#readable;
    this.#claimable('read');
    this.#claim.take('read', 'readable');
    return (this.#readable = webReadable(this, () => this.#claim.ended('read')));
  }

  /**
   * The writing direction as a Web Stream that takes Uint8Arrays. A write is done when the kernel has taken all of it. Closing
   * it ends the direction (a half-close); aborting it closes the socket, with a reset where there is one, as what was sent is
   * not all. Otherwise as `readable`.
   *
   * @throws {TypeError} when `toDuplex()` has taken the stream
   * @throws {ClosedError} after `close()`, where it was not taken before
   */
  get writable(): WritableStream<Uint8Array> {
    if (this.#writable !== undefined) return this.#writable;
    this.#claimable('write');
    this.#claim.take('write', 'writable');
    return (this.#writable = webWritable(this, () => this.#claim.ended('write')));
  }

  /** @internal What a Duplex offers of this kind of socket. */
  get features(): SocketFeatures {
    return {};
  }

  /** @throws {TypeError} when a Duplex or a Web Stream has taken the direction */
  protected assertFree(action: string, direction: Direction): void {
    this.#claim.refuse(action, direction);
  }

  #claimable(direction: Direction): void {
    if (this.closed) throw new ClosedError(this.constructor.name);
    this.#claim.refuse('take', direction);
    if (direction !== 'read' && !this.#writes.idle) {
      throw new TypeError(`Cannot take this ${this.constructor.name} as its writes must have ended`);
    }
  }
}
