import { UnsupportedError } from '../../sys/ffi/unsupportedError.ts';
import type { InetAddress } from '../address/inetAddress.ts';
import type { SocketDuplex } from '../adapt/socketDuplex.ts';
import { reportLater } from '../../reactor/handlerErrors.ts';
import { anInteger } from '../../sys/optionKind.ts';
import { type OptionsReader, optionsReader } from '../../sys/optionsReader.ts';
import type { ByteStream } from '../stream/byteStream.ts';
import type { NodeHandle, NodeServer } from './nodeServer.ts';
import { tellAddresses } from './wrappedAddress.ts';

/** How `attachHttp` and `httpHandler` make Duplexes. */
export interface HttpOptions {
  /**
   * How many bytes of a connection may wait for the server before the kernel is no longer asked for more. 65536 by
   * default.
   */
  readonly readableHighWaterMark?: number;
  /** How many bytes of a connection may wait for the kernel before `write()` answers false. 65536 by default. */
  readonly writableHighWaterMark?: number;
}

// What is closed, and lets the process end, with the server.
interface Held {
  close(): unknown;
  ref(): unknown;
  unref(): unknown;
}

const largest = 2 ** 30;

/** @throws {TypeError | RangeError} for a wrong option */
export const readHttpOptions: OptionsReader<HttpOptions> = optionsReader<HttpOptions>(
  'attach',
  '{ readableHighWaterMark: 65536 }',
  { readableHighWaterMark: anInteger(0, largest), writableHighWaterMark: anInteger(0, largest) },
);

/**
 * A server of Node whose connections are ours. It has a handle, so that it listens as far as Node knows: `listening`,
 * `address()`, `close()`, `ref()`, `unref()` and `getConnections()` are Node's own.
 */
export class AttachedServer {
  /** Fulfilled when the server is closed, and its last connection too. */
  readonly ended: Promise<void>;
  readonly #server: NodeServer;
  readonly #handle: NodeHandle;
  readonly #options: HttpOptions;

  /** @param name where it listens, as `server.address()` tells it */
  constructor(server: NodeServer, owner: Held, options: HttpOptions, name: InetAddress | string | null = null) {
    const handle: NodeHandle = {
      close: () => void owner.close(),
      ref: () => void owner.ref(),
      unref: () => void owner.unref(),
      ...(typeof name === 'object' && name !== null ? { getsockname: (out) => (Object.assign(out, name), 0) } : {}),
    };
    server._handle = handle;
    if (!server.listening)
      throw new UnsupportedError('Cannot attach as servers of this version of Node listen in a way of their own');
    if (typeof name === 'string') server._pipeName = name;
    this.#server = server;
    this.#handle = handle;
    this.#options = options;
    const forget = tellAddresses(server);
    this.ended = new Promise((resolve) => {
      server.once('close', () => {
        forget();
        resolve();
      });
    });
  }

  /** The server has not been closed. */
  get open(): boolean {
    return this.#server._handle === this.#handle;
  }

  /** Tells the server that it listens: that is when node:http begins to look for requests that take too long. */
  begin(): void {
    if (this.open) this.#server.emit('listening');
  }

  /** @throws what a listener of 'error' throws; the error itself where there is none */
  fail(error: unknown): void {
    this.close();
    this.#server.emit('error', error);
  }

  close(): void {
    if (this.open) this.#server.close();
  }

  /** Hands a connection to the server, as `net.Server` does. */
  take(stream: ByteStream): SocketDuplex {
    const server = this.#server;
    const duplex = stream.toDuplex({ ...this.#options, allowHalfOpen: server.allowHalfOpen });
    // As net.Socket has it: frameworks and tests look there.
    Object.assign(duplex, { server });
    if (server._connections >= (server.maxConnections ?? Infinity)) return this.#drop(duplex);
    server._connections++;
    duplex.once('close', () => {
      server._connections--;
      server._emitCloseIfDrained();
    });
    if (server.noDelay) duplex.setNoDelay(true);
    if (server.keepAlive) duplex.setKeepAlive(true, server.keepAliveInitialDelay * 1000);
    if (server.pauseOnConnect) duplex.pause();
    try {
      server.emit('connection', duplex);
    } catch (error) {
      // As in Node: it is uncaught, and does not end the server.
      reportLater([error]);
    }
    // What node:tls and node:http2 have made of it, half-open or not, still has to say goodbye when the client has:
    // they end it themselves.
    if ('setSecureContext' in server || 'updateSettings' in server) duplex.allowHalfOpen = true;
    return duplex;
  }

  #drop(duplex: SocketDuplex): SocketDuplex {
    const { localAddress, localPort, localFamily, remoteAddress, remotePort, remoteFamily } = duplex;
    duplex.destroy();
    this.#server.emit('drop', { localAddress, localPort, localFamily, remoteAddress, remotePort, remoteFamily });
    return duplex;
  }
}
