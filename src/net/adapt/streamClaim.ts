import { ClosedError } from '../../fd/closedError.ts';
import type { Direction } from '../stream/byteStream.ts';

interface Claimed {
  readonly closed: boolean;
  close(): void;
}

/**
 * What has taken the directions of a stream, a Duplex or Web Streams. Bytes may be in its buffers then, so nobody else can go on
 * with the stream without losing or mixing up some.
 */
export class StreamClaim {
  readonly #stream: Claimed;
  #reader: string | undefined;
  #writer: string | undefined;
  #readEnded = false;
  #writeEnded = false;

  constructor(stream: Claimed) {
    this.#stream = stream;
  }

  /** @throws {TypeError} when a direction was taken; {ClosedError} when the stream was closed since */
  refuse(action: string, direction: Direction): void {
    const taker = direction === 'read' ? this.#reader : direction === 'write' ? this.#writer : this.#either;
    if (taker === undefined) return;
    const name = this.#stream.constructor.name;
    if (this.#stream.closed) throw new ClosedError(name);
    throw new TypeError(`Cannot ${action} this ${name} as its ${taker} has taken it: bytes may be in buffers there`);
  }

  get #either(): string | undefined {
    return this.#reader ?? this.#writer;
  }

  take(direction: Direction, taker: string): void {
    if (direction !== 'write') this.#reader = taker;
    if (direction !== 'read') this.#writer = taker;
  }

  /** A direction that was taken is over: when both are, so is the socket. */
  ended(direction: 'read' | 'write'): void {
    if (direction === 'read') this.#readEnded = true;
    else this.#writeEnded = true;
    if (this.#readEnded && this.#writeEnded) this.#stream.close();
  }
}
