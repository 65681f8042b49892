import type { FdLike } from '../../fd/fdLike.ts';
import { SystemError, type SystemErrorSubject } from '../../fd/systemError.ts';
import { EADDRNOTAVAIL, type Sockaddr } from '../../sys/index.ts';
import { type InetAddress, inetAddress, knownInetAddress, localName } from '../address/inetAddress.ts';
import { resolve } from '../address/resolve.ts';
import { Listener } from '../stream/listener.ts';
import { AttachedTcp } from './attachedTcp.ts';
import {
  listenTcp,
  readAttachOptions,
  readListenHostOptions,
  readListenOptions,
  type TcpAttachOptions,
  type TcpListenHostOptions,
  type TcpListenOptions,
} from './listenTcp.ts';
import { type MadeTcp, TcpStream } from './tcpStream.ts';
import { inspectable } from '../../fd/inspectable.ts';
import { inetText } from '../address/inetText.ts';

const origin = 'by a TcpListener';

/**
 * Listens for TCP connections.
 *
 * @see https://man7.org/linux/man-pages/man2/listen.2.html
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { TcpListener, TcpStream } from 'epoll-ts/net';
 *
 * const listener = new TcpListener({ address: '127.0.0.1' });
 * assert.equal(listener.tryAccept(), null);
 * const client = await TcpStream.connect({ host: '127.0.0.1', port: listener.localAddress.port });
 * for await (const connection of listener) {
 *   assert.deepEqual(connection.remoteAddress, client.localAddress);
 *   connection.close();
 *   break;
 * }
 * client.close();
 * listener.close();
 * ```
 */
export class TcpListener extends Listener<TcpStream> {
  static {
    inspectable(this.prototype, { fd: ({ fd }) => fd, local: ({ localAddress }) => inetText(localAddress) });
  }

  readonly #made: MadeTcp;
  readonly #noDelay: boolean;

  /**
   * Listens at an IP address. For a name, see `TcpListener.listen`.
   *
   * @throws {SystemError} EADDRINUSE, EADDRNOTAVAIL, EACCES, EMFILE, ENFILE, with the `address` and `port`
   * @throws {TypeError | RangeError} for a wrong option
   */
  constructor(options?: TcpListenOptions) {
    const { fd, owned, own } = options instanceof AttachedTcp ? options : listening(options);
    super(fd, own, TcpListener, owned);
    const { reactor, noDelay = true } = own;
    this.#noDelay = noDelay;
    // SO_LINGER is inherited from a listener, and what came from elsewhere can have it.
    const made = options instanceof AttachedTcp ? { origin } : { origin, lingers: false };
    this.#made = reactor === undefined ? made : { ...made, reactor };
  }

  /**
   * Listens at a host's first address that can be had.
   *
   * @throws (as a rejection) what the constructor throws, and Node's error ENOTFOUND of the resolver
   */
  static async listen(options: TcpListenHostOptions): Promise<TcpListener> {
    const given = readListenHostOptions(options);
    const { host: _host, family: _family, lookup: _lookup, ...own } = given;
    let failure = new SystemError(-EADDRNOTAVAIL, 'bind', {}, 'the resolver gave no address');
    for (const to of await resolve(given)) {
      try {
        return new TcpListener({ ...own, address: knownInetAddress(to).address });
      } catch (error) {
        if (!(error instanceof SystemError)) throw error;
        failure = error;
      }
    }
    throw failure;
  }

  /**
   * Takes over a listening TCP socket: one that another thread gave away (`detach`), that was inherited (systemd's
   * socket activation) or came with SCM_RIGHTS. It becomes close-on-exec and non-blocking. To share one, see `from`.
   *
   * @throws {TypeError} when it is no listening TCP socket; it is left open
   * @throws {SystemError} EBADF
   */
  static attach(target: FdLike, options?: TcpAttachOptions): TcpListener {
    return new TcpListener(AttachedTcp.taken(target, readAttachOptions(options)) as TcpListenOptions);
  }

  /**
   * Listens at a socket that another thread owns: post `listener.fd` to it, and accept in both. `close()` here leaves
   * it open, and a thread that is terminated leaves nothing behind. The owner must close it last: the number may be
   * another file then.
   *
   * @throws {TypeError} when it is no listening TCP socket
   * @throws {SystemError} EBADF
   * @example
   * ```ts
   * import assert from 'node:assert/strict';
   * import { TcpListener, TcpStream } from 'epoll-ts/net';
   *
   * const owner = new TcpListener({ address: '127.0.0.1' });
   * const borrower = TcpListener.from(owner.fd, { exclusive: true }); // in another thread
   * const client = await TcpStream.connect({ host: '127.0.0.1', port: owner.localAddress.port });
   * const connection = await borrower.accept();
   * borrower.close();
   * assert.equal(owner.tryAccept(), null);
   * for (const socket of [client, connection, owner]) socket.close();
   * ```
   */
  static from(target: FdLike, options?: TcpAttachOptions): TcpListener {
    return new TcpListener(AttachedTcp.borrowed(target, readAttachOptions(options)) as TcpListenOptions);
  }

  /** Where it listens, with the port that the kernel chose. @throws {ClosedError} after `close()`. */
  get localAddress(): InetAddress {
    return knownInetAddress(localName(this.fd));
  }

  /** @internal */
  protected override adopt(fd: number, from: Sockaddr | null): TcpStream {
    const stream = new TcpStream(fd, inetAddress(from), this.#made);
    // A connection that was reset in the queue answers EINVAL here on some kernels; its reader will be told why.
    if (this.#noDelay) tryNoDelay(stream);
    return stream;
  }

  /** Gives the listening socket away, open: see `TcpStream.detach`. @throws {ClosedError} after `close()`. */
  detach(): number {
    return this.giveAway();
  }

  protected override get subject(): SystemErrorSubject {
    const address = inetAddress(localName(this.fd));
    return address === null ? {} : { address: address.address, port: address.port };
  }
}

function listening(options: TcpListenOptions | undefined): { fd: number; owned: true; own: TcpListenOptions } {
  const own = readListenOptions(options);
  return { fd: listenTcp(own), owned: true, own };
}

function tryNoDelay(stream: TcpStream): void {
  try {
    stream.noDelay = true;
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
  }
}
