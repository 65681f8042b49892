import { type FdLike, fdOf } from '../../fd/fdLike.ts';
import { SystemError, type SystemErrorSubject } from '../../fd/systemError.ts';
import { integerIn } from '../../sys/argument.ts';
import {
  AF_INET,
  AF_INET6,
  bind,
  EADDRNOTAVAIL,
  EAFNOSUPPORT,
  encodeSockaddr,
  IPPROTO_IPV6,
  IPV6_V6ONLY,
  listen,
  SO_ACCEPTCONN,
  SO_REUSEADDR,
  SO_REUSEPORT,
  type Sockaddr,
  SOCK_STREAM,
  SOL_SOCKET,
  SOMAXCONN,
} from '../../sys/index.ts';
import { bindAdvice } from '../core/bindAdvice.ts';
import {
  type HostPort,
  type InetAddress,
  inetAddress,
  inetSockaddr,
  localName,
  resolve,
} from '../address/inetAddress.ts';
import { Listener, type ListenerOptions, listenerOptions } from '../stream/listener.ts';
import { adopted, around, given, newSocket } from '../core/madeSocket.ts';
import { type SocketOptions, socketOptions } from '../core/socket.ts';
import { booleanOption, setBooleanOption } from '../core/socketOption.ts';
import { TcpStream } from './tcpStream.ts';

/** How a `TcpListener` listens. */
export interface TcpListenOptions extends ListenerOptions {
  /** An IP address of this machine; `'::'`, all addresses, IPv4 too, by default (`'0.0.0.0'` where the kernel has no IPv6). */
  readonly address?: string;
  /** 0, the default: the kernel chooses a free one, see `localAddress`. */
  readonly port?: number;
  /** How many connections may wait to be accepted; the kernel lowers it to net.core.somaxconn. 4096 by default. */
  readonly backlog?: number;
  /** SO_REUSEPORT: several listeners of one user share the port, and the kernel shares the connections out between them. */
  readonly reusePort?: boolean;
  /** IPV6_V6ONLY: leave IPv4 to others; false by default. */
  readonly ipv6Only?: boolean;
  /** TCP_NODELAY on each accepted connection; true by default. */
  readonly noDelay?: boolean;
}

/** How a `TcpListener` uses a socket that listens already. */
export interface TcpAttachOptions extends ListenerOptions {
  /** TCP_NODELAY on each accepted connection; true by default. */
  readonly noDelay?: boolean;
}

const listening = { level: SOL_SOCKET, option: SO_ACCEPTCONN, name: 'SO_ACCEPTCONN' };
const reuseAddress = { level: SOL_SOCKET, option: SO_REUSEADDR, name: 'SO_REUSEADDR' };
const reusePort = { level: SOL_SOCKET, option: SO_REUSEPORT, name: 'reusePort' };
const ipv6Only = { level: IPPROTO_IPV6, option: IPV6_V6ONLY, name: 'ipv6Only' };

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
  readonly #options: SocketOptions & { readonly origin: string };
  readonly #noDelay: boolean;

  /**
   * Listens at an IP address. For a name, see `TcpListener.listen`.
   *
   * @throws {SystemError} EADDRINUSE, EADDRNOTAVAIL, EACCES, EMFILE, ENFILE, with the `address` and `port`
   * @throws {TypeError | RangeError} for a wrong option
   */
  constructor(options: TcpListenOptions = {}) {
    const attached = options instanceof Attached;
    const own = listenerOptions(options);
    const { noDelay = true } = options;
    super(attached ? options.fd : listenAt(options), own, TcpListener, !attached || options.owned);
    this.#noDelay = noDelay;
    this.#options = { ...socketOptions(own), origin: 'by a TcpListener' };
  }

  /**
   * Listens at a host's first address that can be had.
   *
   * @throws (as a rejection) what the constructor throws, and Node's error ENOTFOUND of the resolver
   */
  static async listen(options: TcpListenOptions & HostPort): Promise<TcpListener> {
    let failure = new SystemError(-EADDRNOTAVAIL, 'bind', {}, 'the resolver gave no address');
    for (const { address } of await resolve(options)) {
      try {
        return new TcpListener({ ...options, address });
      } catch (error) {
        if (!(error instanceof SystemError)) throw error;
        failure = error;
      }
    }
    throw failure;
  }

  /**
   * Takes over a listening TCP socket: one that another thread gave away (`detach`), that was inherited (systemd's socket
   * activation) or came with SCM_RIGHTS. It becomes close-on-exec and non-blocking. To share one, see `from`.
   *
   * @throws {TypeError} when it is no listening TCP socket; it is left open
   * @throws {SystemError} EBADF
   */
  static attach(target: FdLike, options: TcpAttachOptions = {}): TcpListener {
    const own = { ...options };
    const fd = listeningSocket(target);
    return new TcpListener(new Attached(given(target, fd), true, own));
  }

  /**
   * Listens at a socket that another thread owns: post `listener.fd` to it, and accept in both. `close()` here leaves it open, and
   * a thread that is terminated leaves nothing behind. The owner must close it last: the number may be another file then.
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
  static from(target: FdLike, options: TcpAttachOptions = {}): TcpListener {
    return new TcpListener(new Attached(listeningSocket(target), false, options));
  }

  /** Where it listens, with the port that the kernel chose. @throws {ClosedError} after `close()`. */
  get localAddress(): InetAddress {
    const address = inetAddress(localName(this.fd));
    if (address === null) throw new TypeError('Cannot tell the local address as the socket is no IP socket');
    return address;
  }

  /** @internal */
  protected override adopt(fd: number, from: Sockaddr | null): TcpStream {
    const stream = new TcpStream(fd, inetAddress(from), this.#options);
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

// What `attach` and `from` hand to the constructor.
class Attached implements TcpListenOptions {
  readonly port = 0;
  readonly fd: number;
  readonly owned: boolean;

  constructor(fd: number, owned: boolean, options: TcpAttachOptions) {
    Object.assign(this, options);
    this.fd = fd;
    this.owned = owned;
  }
}

function listeningSocket(target: FdLike): number {
  const kinds = [
    [AF_INET, SOCK_STREAM],
    [AF_INET6, SOCK_STREAM],
  ] as const;
  const fd = adopted(fdOf(target, 'target'), 'TcpListener', kinds);
  if (booleanOption(fd, listening)) return fd;
  throw new TypeError(`Cannot use fd ${fd} as a TcpListener as it must be listening: call listen(2) first`);
}

function tryNoDelay(stream: TcpStream): void {
  try {
    stream.noDelay = true;
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
  }
}

function listenAt(options: TcpListenOptions): number {
  const { address, port = 0, backlog = SOMAXCONN } = options;
  integerIn(backlog, 'backlog', 0, 0x7fff_ffff);
  const to = inetSockaddr(address ?? '::', port);
  try {
    return bound(to, options, backlog);
  } catch (error) {
    // A kernel without IPv6: everything there is, is IPv4. Without a free descriptor the same would leave IPv6 out unnoticed.
    if (address !== undefined || !(error instanceof SystemError) || error.errno !== -EAFNOSUPPORT) throw error;
    return bound(inetSockaddr('0.0.0.0', port), options, backlog);
  }
}

function bound(to: ReturnType<typeof inetSockaddr>, options: TcpListenOptions, backlog: number): number {
  const fd = newSocket(to.family, SOCK_STREAM);
  return around(fd, () => {
    setBooleanOption(fd, reuseAddress, true);
    if (options.reusePort !== undefined) setBooleanOption(fd, reusePort, options.reusePort);
    if (to.family === AF_INET6) setBooleanOption(fd, ipv6Only, options.ipv6Only ?? false);
    const refuse = (syscall: string, answer: number): void => {
      const subject = { fd, address: to.address, port: to.port };
      if (answer < 0) throw new SystemError(answer, syscall, subject, bindAdvice(answer));
    };
    refuse('bind', bind(fd, encodeSockaddr(to)));
    refuse('listen', listen(fd, backlog));
    return fd;
  });
}
