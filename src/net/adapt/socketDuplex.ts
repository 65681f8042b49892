import { AsyncResource } from 'node:async_hooks';
import { addAbortSignal } from 'node:stream';
import { setImmediate } from 'node:timers';
import { SystemError } from '../../fd/systemError.ts';
import { EPIPE } from '../../sys/index.ts';
import { aBoolean, anAbortSignal, anInteger } from '../../sys/optionKind.ts';
import { type OptionsReader, optionsReader } from '../../sys/optionsReader.ts';
import type { ByteChannel } from '../core/byteChannel.ts';
import { DuplexReader } from './duplexReader.ts';
import { DuplexWriter } from './duplexWriter.ts';
import { NetSurface } from './netSurface.ts';
import { threadSteps } from './turnSteps.ts';

/** How `toDuplex()` makes a Duplex. */
export interface DuplexOptions {
  /**
   * true: the writing side stays open when the peer has finished, until `end()`. false, the default as in `node:net`:
   * it ends, too.
   *
   * @default false
   */
  readonly allowHalfOpen?: boolean;
  /**
   * How many bytes may wait to be read by the program before the kernel is no longer asked for more. 65536 by default.
   */
  readonly readableHighWaterMark?: number;
  /** How many bytes may wait for the kernel before `write()` answers false. 65536 by default. */
  readonly writableHighWaterMark?: number;
  /** Destroys the Duplex, with an AbortError. */
  readonly signal?: AbortSignal;
}

type Callback = (error?: Error | null) => void;

const defaultHighWaterMark = 65_536;
const highWaterMark = anInteger(0, Number.MAX_SAFE_INTEGER);
const readOptions: OptionsReader<DuplexOptions> = optionsReader<DuplexOptions>(
  'make a Duplex',
  '{ allowHalfOpen: true }',
  {
    allowHalfOpen: aBoolean,
    readableHighWaterMark: highWaterMark,
    writableHighWaterMark: highWaterMark,
    signal: anAbortSignal,
  },
);

/**
 * A `node:stream` Duplex on a socket of ours, made by `toDuplex()`, which can do what a `net.Socket` can.
 *
 * Ticks and promises run between two chunks, before the end and before `'close'`, as with a `net.Socket`. It begins to
 * read by itself, so that a program that never does learns of the peer's end, too. What it reads is memory of its own.
 *
 * Backpressure is true both ways: when `push()` says that the program is behind, the kernel is not asked for more, and
 * its window closes; a write is done when the kernel has taken all of it. `end()` is a half-close, `destroy()` closes,
 * and calls back each write that was not sent, with an error. Its errors are `SystemError`s.
 *
 * It keeps the process alive while it waits for the kernel, as a `net.Socket` does.
 *
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { text } from 'node:stream/consumers';
 * import { TcpListener, TcpStream } from 'epoll-ts/net';
 *
 * const listener = new TcpListener({ address: '127.0.0.1' });
 * const { port } = listener.localAddress;
 * const client = (await TcpStream.connect({ host: '127.0.0.1', port })).toDuplex();
 * const server = (await listener.accept()).toDuplex();
 * client.end('hello');
 * assert.equal(await text(server), 'hello');
 * assert.equal(client.remotePort, port);
 * for (const socket of [client, server]) socket.destroy();
 * listener.close();
 * ```
 */
export class SocketDuplex extends NetSurface {
  readonly #channel: ByteChannel;
  readonly #reader: DuplexReader;
  readonly #writer: DuplexWriter;
  // What comes of events runs in the context in which this was made, as with a handle of Node's own.
  readonly #context = new AsyncResource('EPOLLSOCKET');

  /** @internal */
  constructor(channel: ByteChannel, options: DuplexOptions) {
    const {
      allowHalfOpen = false,
      readableHighWaterMark = defaultHighWaterMark,
      writableHighWaterMark = defaultHighWaterMark,
      signal,
    } = readOptions(options);
    // 'close' is told when the turn is over, with `hadError`.
    super(channel, { allowHalfOpen, readableHighWaterMark, writableHighWaterMark, emitClose: false });
    this.#channel = channel;
    this.#reader = new DuplexReader(channel, {
      push: (chunk) => this.#push(chunk),
      failed: (error) => this.destroy(error),
      waits: () => this.#updateWait(),
      run: (step) => this.#context.runInAsyncScope(step),
    });
    this.#writer = new DuplexWriter(
      channel,
      () => this.active(),
      () => this.#updateWait(),
    );
    // One write is one message.
    if (channel.features.messageLength !== undefined) Object.assign(this, { _writev: null });
    if (!allowHalfOpen) this.on('end', () => this.#endWrites());
    // Kept while it is open, as a handle of Node's own keeps its socket: it may be about to hear from its peer.
    threadSteps().enter(this);
    // One that is aborted already destroys at once.
    if (signal !== undefined) addAbortSignal(signal, this);
    if (this.destroyed) return;
    channel.drive({ ready: () => this.#goOn(), ended: (reason) => this.#ended(reason) });
    this.read(0);
  }

  override _read(): void {
    this.#reader.want();
  }

  #push(chunk: Buffer): boolean {
    this.active();
    if (chunk.length > 0) return this.push(chunk);
    this.push(null);
    // Tells the end where nobody reads.
    this.read(0);
    return false;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: Callback): void {
    this.active();
    if (chunk.length === 0 && this.#channel.features.messageLength !== undefined) {
      const rule = "'chunk' must not be empty: the receiver would take it for the end";
      return callback(new RangeError(`Cannot send a message as ${rule}`));
    }
    this.#writer.add([chunk], callback);
  }

  override _writev(chunks: readonly { readonly chunk: Buffer }[], callback: Callback): void {
    this.active();
    this.#writer.add(
      chunks.map(({ chunk }) => chunk),
      callback,
    );
  }

  override _final(callback: Callback): void {
    try {
      this.#channel.end('write');
    } catch (error) {
      return callback(error as Error);
    }
    // Behind ticks and promises, and with no bytes in between: what lies on top, such as TLS, expects to hear of its
    // end first.
    this.#reader.hold(true);
    // By whichever comes first: an immediate of this turn, if one was made ahead, or one of the next. Node's own
    // sockets have finished before their peer in the same process hears of the end.
    let finished = false;
    const finish = (): void => {
      if (finished) return;
      finished = true;
      this.#reader.hold(false);
      callback();
    };
    setImmediate(finish);
    threadSteps().add({ step: AsyncResource.bind(finish) });
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this.endTimeout();
    this.#reader.stop();
    this.#writer.stop();
    threadSteps().leave(this);
    let failure = error ?? null;
    try {
      this.#channel.close();
    } catch (reason) {
      failure ??= reason as Error;
    }
    callback(failure);
    setImmediate(() => this.#context.runInAsyncScope(() => this.#closed(failure)));
  }

  #closed(failure: Error | null): void {
    this.#writer.fail(failure ?? notSent());
    this.emit('close', failure !== null);
  }

  // The end of the peer ends the writing side in the next tick. What is written after that is EPIPE, as in `node:net`.
  #endWrites(): void {
    const write = this.write.bind(this) as (...args: unknown[]) => boolean;
    const refuseAfterEnd = (...args: unknown[]): boolean => {
      if (!this.writableEnded) return write(...args);
      const error = new SystemError(-EPIPE, 'write', {}, 'the peer has ended, and allowHalfOpen is false');
      const callback = args.find((each) => typeof each === 'function');
      if (callback !== undefined) process.nextTick(callback, error);
      this.destroy(error);
      return false;
    };
    Object.assign(this, { write: refuseAfterEnd });
  }

  #goOn(): void {
    if (this.#channel.readiness.mayRead) this.#reader.goOn();
    if (this.#channel.readiness.mayWrite) this.#writer.goOn();
  }

  #ended(reason: unknown): void {
    this.#context.runInAsyncScope(() => {
      // Closing the stream, here or by its owner, is no fault; that its reactor was closed is one.
      this.destroy(this.#channel.closed ? undefined : (reason as Error));
    });
  }

  #updateWait(): void {
    if (this.destroyed) return;
    try {
      this.#channel.driverWaits(this.#reader.waiting || this.#writer.waiting);
    } catch (error) {
      // The reactor can't take the socket: EMFILE, ENOMEM, ENOSPC.
      this.destroy(error as Error);
    }
  }
}

/** What Node says of a write that a `destroy()` has kept from going out. */
function notSent(): Error {
  const error = new Error('Cannot send the rest of a write as the stream was destroyed');
  return Object.assign(error, { code: 'ERR_STREAM_DESTROYED' });
}
