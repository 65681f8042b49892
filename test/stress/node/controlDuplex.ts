import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';

const forwarded = [
  'remoteAddress',
  'remotePort',
  'remoteFamily',
  'localAddress',
  'localPort',
  'localFamily',
  'bytesRead',
  'bytesWritten',
  'timeout',
  'connecting',
  'pending',
  'readyState',
] as const;

/**
 * The control: a plain Duplex around a socket of Node's own, with the methods of one. A test that fails with it asks
 * for what only `net.Socket` has.
 */
export class ControlDuplex extends Duplex {
  readonly #socket: Socket;

  constructor(socket: Socket, allowHalfOpen: boolean) {
    super({ allowHalfOpen, highWaterMark: 65_536 });
    this.#socket = socket;
    socket.on('data', (chunk) => void (this.push(chunk) || socket.pause()));
    socket.on('end', () => this.push(null));
    socket.on('error', (error) => this.destroy(error));
    socket.on('close', () => this.destroy());
    socket.on('timeout', () => this.emit('timeout'));
    for (const name of forwarded) Object.defineProperty(this, name, { get: () => socket[name], configurable: true });
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    this.#socket.write(chunk, callback);
  }

  override _final(callback: () => void): void {
    this.#socket.end(callback);
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this.#socket.destroy();
    callback(error);
  }

  setNoDelay(...args: Parameters<Socket['setNoDelay']>): this {
    this.#socket.setNoDelay(...args);
    return this;
  }

  setKeepAlive(...args: Parameters<Socket['setKeepAlive']>): this {
    this.#socket.setKeepAlive(...args);
    return this;
  }

  setTimeout(timeoutMs: number, callback?: () => void): this {
    if (callback !== undefined && timeoutMs === 0) this.removeListener('timeout', callback);
    else if (callback !== undefined) this.once('timeout', callback);
    this.#socket.setTimeout(timeoutMs);
    return this;
  }

  ref(): this {
    this.#socket.ref();
    return this;
  }

  unref(): this {
    this.#socket.unref();
    return this;
  }

  address(): ReturnType<Socket['address']> {
    return this.#socket.address();
  }

  resetAndDestroy(): this {
    this.#socket.resetAndDestroy();
    return this.destroy();
  }

  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', () => this.destroy());
  }
}
