import { ClosedError } from '../../fd/closedError.ts';
import type { ByteChannel, Direction } from '../core/byteChannel.ts';
import { type DuplexOptions, SocketDuplex } from './socketDuplex.ts';
import { webReadable } from './webReadable.ts';
import { webWritable } from './webWritable.ts';

/**
 * What has taken the directions of a stream, a Duplex or Web Streams. Bytes may be in its buffers then, so nobody else can go on
 * with the stream without losing or mixing up some.
 */
export class StreamAdapters {
  readonly #channel: ByteChannel;
  readonly #name: string;
  readonly #writing: () => boolean;
  #reader: string | undefined;
  #writer: string | undefined;
  #readable: ReadableStream<Uint8Array> | undefined;
  #writable: WritableStream<Uint8Array> | undefined;
  #readEnded = false;
  #writeEnded = false;

  /**
   * @param name of the stream's class, for messages
   * @param writing whether the stream has writes of its own under way
   */
  constructor(channel: ByteChannel, name: string, writing: () => boolean) {
    this.#channel = channel;
    this.#name = name;
    this.#writing = writing;
  }

  /** @throws {TypeError} when a direction was taken; {ClosedError} when the stream was closed since */
  refuse(action: string, direction: Direction): void {
    const taker = direction === 'read' ? this.#reader : direction === 'write' ? this.#writer : this.#either;
    if (taker === undefined) return;
    const name = this.#name;
    if (this.#channel.closed) throw new ClosedError(name);
    throw new TypeError(`Cannot ${action} this ${name} as its ${taker} has taken it: bytes may be in buffers there`);
  }

  get #either(): string | undefined {
    return this.#reader ?? this.#writer;
  }

  /** A Duplex that takes both directions. */
  toDuplex(options: DuplexOptions): SocketDuplex {
    this.#assertFree('both');
    const duplex = new SocketDuplex(this.#channel, options);
    [this.#reader, this.#writer] = ['toDuplex()', 'toDuplex()'];
    return duplex;
  }

  /** The Web Stream that takes the reading direction: the same one each time. */
  get readable(): ReadableStream<Uint8Array> {
    if (this.#readable !== undefined) return this.#readable;
    this.#assertFree('read');
    this.#reader = 'readable';
    return (this.#readable = webReadable(this.#channel, () => this.#ended('read')));
  }

  get writable(): WritableStream<Uint8Array> {
    if (this.#writable !== undefined) return this.#writable;
    this.#assertFree('write');
    this.#writer = 'writable';
    return (this.#writable = webWritable(this.#channel, () => this.#ended('write')));
  }

  // A direction is over: when both are, so is the socket.
  #ended(direction: 'read' | 'write'): void {
    if (direction === 'read') this.#readEnded = true;
    else this.#writeEnded = true;
    if (this.#readEnded && this.#writeEnded) this.#channel.close();
  }

  #assertFree(direction: Direction): void {
    if (this.#channel.closed) throw new ClosedError(this.#name);
    this.refuse('take', direction);
    if (direction !== 'read' && this.#writing()) {
      throw new TypeError(`Cannot take this ${this.#name} as its writes must have ended`);
    }
  }
}
