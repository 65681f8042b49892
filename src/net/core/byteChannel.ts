import type { SystemError } from '../../fd/systemError.ts';
import { byteLengthOf, bytes, describe } from '../../sys/argument.ts';
import {
  EAGAIN,
  EINTR,
  ENOTCONN,
  IOV_MAX,
  MSG_DONTWAIT,
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
import type { CachedReadiness, SocketDriver } from './cachedReadiness.ts';
import { connectionAdvice } from './connectionAdvice.ts';
import { type ByteSink, type Outgoing, sendAll } from './sendAll.ts';
import { type Socket, socketFailure } from './socket.ts';
import type { SocketFeatures } from './socketFeatures.ts';
import { totalLength } from './totalLength.ts';

/** Which direction of a stream. */
export type Direction = 'read' | 'write' | 'both';

/** What differs between kinds of sockets. A new kind is one of these. */
export interface ChannelKind<S extends Socket = Socket> {
  /** One receive call of the kernel: ≥ 0, or -errno. */
  receive(stream: S, fd: number, into: Uint8Array): number;
  /** The same into several buffers. */
  receivev(stream: S, fd: number, into: readonly Uint8Array[]): number;
  /** Whether a read that gave less than there was room for has given all that there was. */
  shortReadDrains(stream: S): boolean;
  /** What the caller can do where a call is refused; '' where nothing general can be said. */
  advice(stream: S, answer: number, syscall: string): string;
  /** What a Duplex offers of it, beyond bytes. */
  features(stream: S): SocketFeatures;
}

/** A connection that carries bytes, and of which nothing else is known. */
export const plainBytes: ChannelKind = {
  receive: (_stream, fd, into) => recv(fd, into, MSG_DONTWAIT),
  receivev: (_stream, fd, into) => recvmsg(fd, into, null, MSG_DONTWAIT),
  shortReadDrains: () => false,
  advice: (_stream, answer) => connectionAdvice(answer),
  features: () => ({}),
};

const directions = { read: SHUT_RD, write: SHUT_WR, both: SHUT_RDWR } as const;

/**
 * The bytes of one connected socket: the kernel's calls, with their books, and nothing that asks who may call them. A
 * stream has one for itself, and hands it to the adapter (a Duplex, a Web Stream) that takes a direction.
 */
export class ByteChannel implements ByteSink {
  readonly readiness: CachedReadiness;
  readonly #stream: Socket;
  readonly #kind: ChannelKind;
  #bytesRead = 0;
  #bytesWritten = 0;

  constructor(stream: Socket, readiness: CachedReadiness, kind: ChannelKind) {
    this.#stream = stream;
    this.readiness = readiness;
    this.#kind = kind;
  }

  /** Bytes that reads have given so far. */
  get bytesRead(): number {
    return this.#bytesRead;
  }

  /** Bytes that the kernel has taken so far. */
  get bytesWritten(): number {
    return this.#bytesWritten;
  }

  /** What a Duplex offers of this kind of socket. */
  get features(): SocketFeatures {
    return this.#kind.features(this.#stream);
  }

  /** The stream's class, for messages. */
  get name(): string {
    return this.#stream.constructor.name;
  }

  get closed(): boolean {
    return this.#stream.closed;
  }

  close(): void {
    this.#stream.close();
  }

  /** Whether what waits keeps the process alive. */
  keepAlive(on: boolean): void {
    if (on) this.#stream.ref();
    else this.#stream.unref();
  }

  /** Has a driver told of each event. */
  drive(driver: SocketDriver): void {
    this.readiness.drive(driver);
  }

  /** Whether the driver waits for an event: the socket joins its reactor, and keeps the process alive. */
  driverWaits(waits: boolean): void {
    this.readiness.driverWaits(waits);
  }

  /** Reads as `ByteStream.tryRead`. */
  read(into: Uint8Array): number | null {
    const { fd } = this.#stream;
    const room = byteLengthOf(bytes(into, 'into'));
    if (room === 0) refuseNoRoom();
    if (!this.readiness.mayRead) return null;
    let answer;
    do answer = this.#kind.receive(this.#stream, fd, into);
    while (answer === -EINTR);
    if (answer < room && answer > 0 && this.#kind.shortReadDrains(this.#stream)) this.readiness.drainedByShortRead();
    return this.countRead(answer, 'recv');
  }

  /** Reads as `ByteStream.tryReadv`. */
  readv(into: readonly Uint8Array[]): number | null {
    const { fd } = this.#stream;
    if (totalLength(into, 'into') === 0) refuseNoRoom();
    if (!this.readiness.mayRead) return null;
    let answer;
    do answer = this.#kind.receivev(this.#stream, fd, into);
    while (answer === -EINTR);
    return this.countRead(answer, 'recvmsg');
  }

  /** Keeps the books of a read, by what the kernel has answered; null where it would wait. @throws {SystemError} */
  countRead(answer: number, syscall: string): number | null {
    if (answer >= 0) {
      this.#bytesRead += answer;
      return answer;
    }
    if (answer !== -EAGAIN) throw this.#refused(answer, syscall);
    this.readiness.drained();
    return null;
  }

  /** Writes as `ByteStream.tryWrite`. */
  write(data: Uint8Array): number | null {
    const { fd } = this.#stream;
    bytes(data, 'data');
    if (!this.readiness.mayWrite) return null;
    let answer;
    do answer = send(fd, data, MSG_NOSIGNAL | MSG_DONTWAIT);
    while (answer === -EINTR);
    return this.countWritten(answer, 'send');
  }

  /** Writes as `ByteStream.tryWritev`. */
  writev(data: readonly Uint8Array[]): number | null {
    const { fd } = this.#stream;
    if (!Array.isArray(data)) {
      throw new TypeError(`Cannot use 'data' as it must be an array of Uint8Array: current value is ${describe(data)}`);
    }
    const vector: readonly Uint8Array[] = data.length > IOV_MAX ? data.slice(0, IOV_MAX) : data;
    if (!this.readiness.mayWrite) return null;
    let answer;
    do answer = sendmsg(fd, vector, null, MSG_NOSIGNAL | MSG_DONTWAIT);
    while (answer === -EINTR);
    return this.countWritten(answer, 'sendmsg');
  }

  /** Sends all of a write, waiting for room as often as needed. */
  sendAll(outgoing: Outgoing, signal: AbortSignal | undefined): Promise<void> {
    const { budget } = this.readiness;
    return sendAll(outgoing, this, { budget, signal, untilRoom: () => this.readiness.waitToWrite(signal) });
  }

  /** Keeps the books of a write, by what the kernel has answered; null where it would wait. @throws {SystemError} */
  countWritten(answer: number, syscall: string): number | null {
    if (answer >= 0) {
      this.#bytesWritten += answer;
      return answer;
    }
    if (answer !== -EAGAIN) throw this.#refused(answer, syscall);
    this.readiness.filled();
    return null;
  }

  /**
   * Ends a direction at once.
   *
   * @throws {TypeError} for another one.
   * @throws {SystemError} ENOTCONN when the connection is gone
   */
  shutdown(direction: Direction): void {
    const { fd } = this.#stream;
    if (!Object.hasOwn(directions, direction)) {
      const known = Object.keys(directions).join(', ');
      throw new TypeError(
        `Cannot shut down as 'direction' must be one of ${known}: current value is ${describe(direction)}`,
      );
    }
    const answer = shutdown(fd, directions[direction]);
    if (answer < 0) throw this.#refused(answer, 'shutdown');
  }

  /** Ends a direction, as `shutdown`. That the connection is gone already is no error. */
  end(direction: Direction): void {
    const answer = shutdown(this.#stream.fd, directions[direction]);
    if (answer < 0 && answer !== -ENOTCONN) throw this.#refused(answer, 'shutdown');
  }

  #refused(answer: number, syscall: string): SystemError {
    return socketFailure(this.#stream, answer, syscall, this.#kind.advice(this.#stream, answer, syscall));
  }
}

function refuseNoRoom(): never {
  throw new RangeError("Cannot use 'into' as it must have room for a byte: current length is 0");
}
