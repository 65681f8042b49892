import { AsyncResource } from 'node:async_hooks';
import type { AddressInfo } from 'node:net';
import { addAbortSignal, Duplex } from 'node:stream';
import { SystemError } from '../../fd/systemError.ts';
import { IdleTimer } from './idleTimer.ts';
import type { InetAddress } from '../address/inetAddress.ts';
import { readChunk } from '../core/readChunk.ts';
import type { ByteChannel } from '../core/byteChannel.ts';
import type { SocketFeatures } from '../core/socketFeatures.ts';
import { WriteQueue } from './writeQueue.ts';

/** How `toDuplex()` makes a Duplex. */
export interface DuplexOptions {
  /** true, the default: the writing side stays open when the peer has finished, until `end()`. */
  readonly allowHalfOpen?: boolean;
  /** How many bytes may wait to be read by the program before the kernel is no longer asked for more. 65536 by default. */
  readonly readableHighWaterMark?: number;
  /** How many bytes may wait for the kernel before `write()` answers false. 65536 by default. */
  readonly writableHighWaterMark?: number;
  /** Destroys the Duplex, with an AbortError. */
  readonly signal?: AbortSignal;
}

// What one stream may read in one turn of the event loop: then the others get theirs. 16 chunks of 64 KiB are less than a
// millisecond.
const readsPerTurn = 16;
const defaultHighWaterMark = 65_536;

/**
 * A `node:stream` Duplex on a socket of ours, made by `toDuplex()`, which can do what a `net.Socket` can.
 *
 * Backpressure is true both ways: when `push()` says that the program is behind, the kernel is not asked for more, and its window
 * closes; a write is done when the kernel has taken all of it. `end()` is a half-close, `destroy()` closes. Its errors are
 * `SystemError`s.
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
export class SocketDuplex extends Duplex {
  /** @internal As in `node:net`, for what looks at it: always connected. */
  readonly connecting = false;
  /** @internal */
  readonly pending = false;
  /** What `setTimeout` has set, in milliseconds; undefined where nothing has. */
  timeout: number | undefined;

  readonly #channel: ByteChannel;
  readonly #readInto: (into: Uint8Array) => number | null;
  readonly #writes: WriteQueue;
  readonly #idle = new IdleTimer(() => this.emit('timeout'));
  // Events come from the reactor, in the context of whoever attached it; they belong to this stream's.
  readonly #context = new AsyncResource('EPOLLSOCKET');
  #local: InetAddress | null | undefined;
  #wantsToRead = false;
  #reading = false;
  #resting = false;
  // Chunks since it waited, or rested, the last time: each _read() can be one more without any turn between them.
  #reads = 0;

  /** @internal */
  constructor(channel: ByteChannel, options: DuplexOptions) {
    const {
      allowHalfOpen = true,
      readableHighWaterMark = defaultHighWaterMark,
      writableHighWaterMark = defaultHighWaterMark,
      signal,
    } = options;
    super({ allowHalfOpen, readableHighWaterMark, writableHighWaterMark });
    this.#channel = channel;
    this.#readInto = (into) => channel.read(into);
    this.#writes = new WriteQueue(channel, channel.readiness.budget, () => this.#written());
    // Before it drives the stream: what is no signal throws, and the stream is as it was. One that is aborted already destroys at once.
    if (signal !== undefined) addAbortSignal(signal, this);
    if (!this.destroyed) channel.drive({ ready: () => this.#onReady(), ended: (reason) => this.#onEnded(reason) });
  }

  /** The IP address of the other end; undefined where there is none. */
  get remoteAddress(): string | undefined {
    return this.#channel.features.remote?.()?.address;
  }

  /** `'IPv4'` or `'IPv6'`. */
  get remoteFamily(): string | undefined {
    return this.#channel.features.remote?.()?.family;
  }

  get remotePort(): number | undefined {
    return this.#channel.features.remote?.()?.port;
  }

  /** The own IP address; undefined where there is none. */
  get localAddress(): string | undefined {
    return this.#localName?.address;
  }

  get localFamily(): string | undefined {
    return this.#localName?.family;
  }

  get localPort(): number | undefined {
    return this.#localName?.port;
  }

  get #localName(): InetAddress | null {
    if (this.#local === undefined && !this.destroyed) this.#local = this.#channel.features.local?.() ?? null;
    return this.#local ?? null;
  }

  /** Bytes that were read from the kernel so far. */
  get bytesRead(): number {
    return this.#channel.bytesRead;
  }

  /** Bytes that the kernel has taken so far: unlike in `node:net`, without those that wait in `writableLength`. */
  get bytesWritten(): number {
    return this.#channel.bytesWritten;
  }

  /** `'open'`, `'readOnly'`, `'writeOnly'` or `'closed'`, as in `node:net`. */
  get readyState(): 'open' | 'readOnly' | 'writeOnly' | 'closed' {
    if (this.readable) return this.writable ? 'open' : 'readOnly';
    return this.writable ? 'writeOnly' : 'closed';
  }

  /** The own IP address, family and port; an empty object where there is none. */
  address(): AddressInfo | Record<string, never> {
    const local = this.#localName;
    return local === null ? {} : { ...local };
  }

  /** TCP_NODELAY. Does nothing on other sockets, and after the end, as in `node:net`. */
  setNoDelay(noDelay: boolean = true): this {
    return this.#setOption((features) => features.setNoDelay?.(Boolean(noDelay)));
  }

  /**
   * SO_KEEPALIVE. Does nothing on other sockets than TCP's, and after the end, as in `node:net`.
   *
   * @param initialDelayMs milliseconds without traffic before the first probe, of which whole seconds count; 0 leaves it as it is
   */
  setKeepAlive(enable: boolean = false, initialDelayMs: number = 0): this {
    const seconds = Math.floor(initialDelayMs / 1000);
    return this.#setOption((features) => features.setKeepAlive?.(Boolean(enable), seconds > 0 ? seconds : 0));
  }

  // As in `node:net`, whose callers don't expect it to throw: a connection that was reset has no options any more.
  #setOption(set: (features: SocketFeatures) => void): this {
    if (this.destroyed) return this;
    try {
      set(this.#channel.features);
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
    }
    return this;
  }

  /**
   * Emits `'timeout'` when nothing was read or written for a time; the stream goes on. 0 ends that.
   *
   * @throws {TypeError | RangeError} for a time that no timer takes
   */
  setTimeout(timeoutMs: number, callback?: () => void): this {
    if (this.destroyed) return this;
    this.#idle.set(timeoutMs);
    this.timeout = timeoutMs;
    if (callback === undefined) return this;
    if (timeoutMs === 0) this.removeListener('timeout', callback);
    else this.once('timeout', callback);
    return this;
  }

  /** Has it keep the process alive while it waits (the state after creation). */
  ref(): this {
    this.#channel.keepAlive(true);
    return this;
  }

  /** Lets the process end although it waits. */
  unref(): this {
    this.#channel.keepAlive(false);
    return this;
  }

  /** Destroys it when all that was written has gone to the kernel. `node:http` ends its connections so. */
  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', () => this.destroy());
  }

  /** Closes a TCP connection with a reset, another one as `destroy()`. */
  resetAndDestroy(): this {
    if (!this.destroyed) this.#channel.features.reset?.();
    return this.destroy();
  }

  override _read(): void {
    this.#wantsToRead = true;
    if (!this.#resting && !this.#reading) this.#read();
  }

  #read(): void {
    this.#reading = true;
    while (this.#wantsToRead) {
      if (this.#reads === readsPerTurn) {
        this.#reading = false;
        return this.#rest();
      }
      const chunk = this.#take();
      this.#reads = chunk === null ? 0 : this.#reads + 1;
      if (chunk === null) break;
      this.#give(chunk);
      if (this.destroyed) return;
    }
    this.#reading = false;
    this.#updateWait();
  }

  #take(): Buffer | null {
    try {
      return readChunk(this.#readInto);
    } catch (error) {
      this.#wantsToRead = false;
      this.destroy(error as Error);
      return null;
    }
  }

  #give(chunk: Buffer): void {
    this.#idle.active();
    // Before push(): its listeners can ask for more.
    this.#wantsToRead = false;
    if (chunk.length === 0) {
      this.push(null);
      return;
    }
    let threw = true;
    try {
      if (this.push(chunk)) this.#wantsToRead = true;
      threw = false;
    } finally {
      // A listener's exception is not the stream's fault: it goes its way, and the stream goes on in the next turn.
      if (threw && !this.destroyed) {
        this.#reading = false;
        this.#wantsToRead = true;
        this.#rest();
      }
    }
  }

  #rest(): void {
    this.#reads = 0;
    this.#resting = true;
    setImmediate(() => {
      this.#resting = false;
      if (this.#wantsToRead && !this.destroyed) this.#read();
    });
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    this.#writes.add([chunk], callback);
    this.#written();
  }

  override _writev(chunks: readonly { readonly chunk: Buffer }[], callback: (error?: Error | null) => void): void {
    this.#writes.add(
      chunks.map(({ chunk }) => chunk),
      callback,
    );
    this.#written();
  }

  override _final(callback: (error?: Error | null) => void): void {
    try {
      this.#channel.end('write');
      callback();
    } catch (error) {
      callback(error as Error);
    }
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this.#idle.clear();
    this.#writes.clear();
    let failure = error;
    try {
      this.#channel.close();
    } catch (reason) {
      failure ??= reason as Error;
    }
    callback(failure);
  }

  #onReady(): void {
    this.#context.runInAsyncScope(() => this.#goOn());
  }

  #goOn(): void {
    this.#writes.goOn();
    if (this.#wantsToRead && !this.#resting && !this.#reading && !this.destroyed) this.#read();
    else if (!this.destroyed) this.#updateWait();
  }

  #onEnded(reason: unknown): void {
    this.#context.runInAsyncScope(() => {
      // Closing the stream, here or by its owner, is no fault; that its reactor was closed is one.
      this.destroy(this.#channel.closed ? undefined : (reason as Error));
    });
  }

  #written(): void {
    this.#idle.active();
    if (!this.destroyed) this.#updateWait();
  }

  #updateWait(): void {
    try {
      this.#channel.driverWaits((this.#wantsToRead && !this.#resting) || this.#writes.waiting);
    } catch (error) {
      // The reactor can't take the socket: EMFILE, ENOMEM, ENOSPC.
      this.destroy(error as Error);
    }
  }
}
