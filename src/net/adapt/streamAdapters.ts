import { ClosedError } from '../../fd/closedError.ts';
import type { ByteChannel, Direction } from '../core/byteChannel.ts';
import type { Ending } from './ending.ts';
import { lingeringClose } from './lingeringClose.ts';
import type { TaskQueue } from '../core/taskQueue.ts';
import { type DuplexOptions, SocketDuplex } from './socketDuplex.ts';
import { webReadable } from './webReadable.ts';
import { webWritable } from './webWritable.ts';

/**
 * What has taken the directions of a stream, a Duplex or Web Streams. Bytes may be in its buffers then, so nobody else
 * can go on with the stream without losing or mixing up some.
 */
export class StreamAdapters {
  readonly #channel: ByteChannel;
  readonly #writes: TaskQueue;
  #reader: string | undefined;
  #writer: string | undefined;
  #readable: ReadableStream<Uint8Array> | undefined;
  #writable: WritableStream<Uint8Array> | undefined;
  #readEnded: Ending | undefined;
  #writeEnded: Ending | undefined;

  /**
   * @param writes those of the stream itself
   */
  constructor(channel: ByteChannel, writes: TaskQueue) {
    this.#channel = channel;
    this.#writes = writes;
  }

  /** @throws {TypeError} when a direction was taken; {ClosedError} when the stream was closed since */
  refuse(action: string, direction: Direction): void {
    const taker = direction === 'read' ? this.#reader : direction === 'write' ? this.#writer : this.#either;
    if (taker === undefined) return;
    const name = this.#channel.name;
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
    return (this.#readable = webReadable(this.#channel, (how) => this.#ended('read', how)));
  }

  get writable(): WritableStream<Uint8Array> {
    if (this.#writable !== undefined) return this.#writable;
    this.#assertFree('write');
    this.#writer = 'writable';
    return (this.#writable = webWritable(this.#channel, (how) => this.#ended('write', how)));
  }

  // A direction is over: when both are, so is the socket.
  #ended(direction: 'read' | 'write', how: Ending): void {
    // Twice, where a read waits when its stream is cancelled.
    if ((direction === 'read' ? this.#readEnded : this.#writeEnded) !== undefined) return;
    if (direction === 'read') this.#readEnded = how;
    else this.#writeEnded = how;
    if (this.#readEnded === undefined || this.#writeEnded === undefined) return;
    if (this.#readEnded === 'cancelled' && this.#writeEnded === 'finished') void lingeringClose(this.#channel);
    else this.#channel.close();
  }

  #assertFree(direction: Direction): void {
    if (this.#channel.closed) throw new ClosedError(this.#channel.name);
    this.refuse('take', direction);
    if (direction !== 'read' && !this.#writes.idle) {
      throw new TypeError(`Cannot take this ${this.#channel.name} as its writes must have ended`);
    }
  }
}
