import type { AddressInfo } from 'node:net';
import { Duplex, type DuplexOptions as NodeDuplexOptions } from 'node:stream';
import { SystemError } from '../../fd/systemError.ts';
import { describe } from '../../sys/argument.ts';
import type { InetAddress } from '../address/inetAddress.ts';
import type { ByteChannel } from '../core/byteChannel.ts';
import type { SocketFeatures } from '../core/socketFeatures.ts';
import { IdleTimer } from './idleTimer.ts';

/** What a `net.Socket` offers beside the stream: addresses, options, counts, states, and its timeout. */
export abstract class NetSurface extends Duplex {
  /** @internal As in `node:net`, for what looks at it: connected from the start. */
  readonly connecting = false;
  /** What `setTimeout` has set, in milliseconds; undefined where nothing has. */
  timeout: number | undefined;

  readonly #channel: ByteChannel;
  readonly #features: SocketFeatures;
  readonly #idle = new IdleTimer(() => this.emit('timeout'));
  #local: InetAddress | null | undefined;

  /** @internal */
  protected constructor(channel: ByteChannel, options: NodeDuplexOptions) {
    super(options);
    this.#channel = channel;
    this.#features = channel.features;
  }

  /** @internal As in `node:net`: true when it is closed. */
  get pending(): boolean {
    return this.destroyed;
  }

  /** The IP address of the other end; undefined where there is none. */
  get remoteAddress(): string | undefined {
    return this.#features.remote?.()?.address;
  }

  /** `'IPv4'` or `'IPv6'`. */
  get remoteFamily(): string | undefined {
    return this.#features.remote?.()?.family;
  }

  get remotePort(): number | undefined {
    return this.#features.remote?.()?.port;
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
    // As in `node:net`: not any more when it is closed.
    if (this.destroyed) return null;
    return (this.#local ??= this.#features.local?.() ?? null);
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
   * @param initialDelayMs milliseconds without traffic before the first probe, of which whole seconds count; 0 leaves
   *   it as it is
   */
  setKeepAlive(enable: boolean = false, initialDelayMs: number = 0): this {
    const seconds = Math.floor(initialDelayMs / 1000);
    return this.#setOption((features) => features.setKeepAlive?.(Boolean(enable), seconds > 0 ? seconds : 0));
  }

  // As in `node:net`, whose callers don't expect it to throw: a connection that was reset has no options any more.
  #setOption(set: (features: SocketFeatures) => void): this {
    if (this.destroyed) return this;
    try {
      set(this.#features);
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
    }
    return this;
  }

  /**
   * Emits `'timeout'` when nothing was read or written for a time; the stream goes on. 0 ends that. A write on which
   * the kernel has taken some bytes is activity. A time above 2147483647 is that, with a warning.
   *
   * @throws {TypeError | RangeError} for a time that is no number of at least 0, and a callback that is no function
   */
  setTimeout(timeoutMs: number, callback?: () => void): this {
    if (this.destroyed) return this;
    this.timeout = timeoutMs;
    this.#idle.set(timeoutMs);
    if (callback === undefined) return this;
    if (typeof callback !== 'function') {
      throw new TypeError(`Cannot use 'callback' as it must be a function: current value is ${describe(callback)}`);
    }
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
    if (!this.destroyed) this.#features.reset?.();
    return this.destroy();
  }

  /** @internal Something was read or written. */
  protected active(): void {
    this.#idle.active();
  }

  /** @internal No timeout is told any more. */
  protected endTimeout(): void {
    this.#idle.clear();
  }
}
