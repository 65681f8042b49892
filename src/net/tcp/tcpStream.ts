import { type FdLike, fdOf } from '../../fd/fdLike.ts';
import { check, SystemError, type SystemErrorSubject } from '../../fd/systemError.ts';
import type { Reactor } from '../../reactor/reactor.ts';
import type { Registration } from '../../reactor/registration.ts';
import { describe, integerIn } from '../../sys/argument.ts';
import {
  AF_INET,
  AF_INET6,
  bind,
  connect,
  EADDRNOTAVAIL,
  EALREADY,
  ECONNREFUSED,
  EHOSTUNREACH,
  EINPROGRESS,
  EINTR,
  EISCONN,
  encodeSockaddr,
  ENETUNREACH,
  ETIMEDOUT,
  getsockopt,
  IPPROTO_TCP,
  SO_ERROR,
  SO_KEEPALIVE,
  SO_LINGER,
  SO_PROTOCOL,
  type SockaddrIn,
  type SockaddrIn6,
  SOCK_STREAM,
  SOL_SOCKET,
  TCP_KEEPCNT,
  TCP_KEEPIDLE,
  TCP_KEEPINTVL,
  TCP_NODELAY,
} from '../../sys/index.ts';
import { ByteStream } from '../stream/byteStream.ts';
import {
  type HostPort,
  type InetAddress,
  inetAddress,
  inetSockaddr,
  localName,
  remoteName,
  resolve,
} from '../address/inetAddress.ts';
import { type OperationOptions, withDeadline } from '../core/deadline.ts';
import { adopted, around, given, newSocket } from '../core/madeSocket.ts';
import { type SocketOptions, socketOptions } from '../core/socket.ts';
import type { SocketFeatures } from '../core/socketFeatures.ts';
import {
  booleanOption,
  intOption,
  intPairOption,
  setBooleanOption,
  setIntOption,
  setIntPairOption,
} from '../core/socketOption.ts';

/** How `TcpStream.connect` connects. */
export interface TcpConnectOptions extends HostPort, OperationOptions, SocketOptions {
  /** The IP address to connect from; the kernel chooses by default. */
  readonly localAddress?: string;
  /** Send small writes at once (TCP_NODELAY); true by default, as an epoll program writes what it has in one go. */
  readonly noDelay?: boolean;
}

/** When a quiet connection is probed. What is left out stays as it is. */
export interface KeepAlive {
  /** Seconds without traffic before the first probe (TCP_KEEPIDLE), 1 to 32767. */
  readonly idleSeconds?: number;
  /** Seconds between probes (TCP_KEEPINTVL), 1 to 32767. */
  readonly intervalSeconds?: number;
  /** Probes without an answer that end the connection with ETIMEDOUT (TCP_KEEPCNT), 1 to 127. */
  readonly count?: number;
}

const option = (level: number, number: number, name: string) => ({ level, option: number, name });
const options = {
  noDelay: option(IPPROTO_TCP, TCP_NODELAY, 'noDelay'),
  keepAlive: option(SOL_SOCKET, SO_KEEPALIVE, 'keepAlive'),
  idle: option(IPPROTO_TCP, TCP_KEEPIDLE, 'idleSeconds'),
  interval: option(IPPROTO_TCP, TCP_KEEPINTVL, 'intervalSeconds'),
  count: option(IPPROTO_TCP, TCP_KEEPCNT, 'count'),
  linger: option(SOL_SOCKET, SO_LINGER, 'linger'),
  error: option(SOL_SOCKET, SO_ERROR, 'SO_ERROR'),
};

/**
 * A TCP connection, IPv4 or IPv6. Made by `TcpStream.connect`, by a `TcpListener`, or from a descriptor by `attach`.
 *
 * @see https://man7.org/linux/man-pages/man7/tcp.7.html
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { TcpListener, TcpStream } from 'epoll-ts/net';
 *
 * const listener = new TcpListener({ address: '127.0.0.1' });
 * const client = await TcpStream.connect({ host: '127.0.0.1', port: listener.localAddress.port });
 * const server = await listener.accept();
 * await client.write(Buffer.from('hello'));
 * await client.end();
 * const into = new Uint8Array(16);
 * assert.equal(await server.read(into), 5);
 * assert.equal(await server.read(into), 0, 'the client has finished');
 * for (const socket of [client, server, listener]) socket.close();
 * ```
 */
export class TcpStream extends ByteStream {
  // undefined: not asked for yet.
  #remote: InetAddress | null | undefined;
  #bytesOnly = false;

  /**
   * @internal `fd` is a non-blocking TCP socket that is taken over; without `remote` it is asked for when someone wants it.
   * @param options `origin`: what an UnclosedFdWarning says of who made it
   */
  constructor(
    fd: number,
    remote: InetAddress | null | undefined,
    options: SocketOptions & { readonly origin?: string } = {},
  ) {
    super(fd, options, options.origin ?? TcpStream);
    this.#remote = remote;
  }

  /**
   * Connects. A name is resolved by `node:dns`, and its addresses are tried one after another.
   *
   * @throws (as a rejection) {SystemError} ECONNREFUSED, ETIMEDOUT, EHOSTUNREACH, ENETUNREACH, EADDRNOTAVAIL, EMFILE, … with the
   *   `address` and `port` of the last address that was tried; `cause` has the errors of those before it
   * @throws (as a rejection) Node's error ENOTFOUND, EAI_AGAIN of the resolver
   * @throws (as a rejection) the signal's reason, or a TimeoutError; nothing is left open
   * @throws (as a rejection) {TypeError | RangeError} for a wrong option
   * @see https://man7.org/linux/man-pages/man2/connect.2.html
   */
  static connect(options: TcpConnectOptions): Promise<TcpStream> {
    const name = () => ({ syscall: 'connect', subject: { address: options.host ?? 'localhost', port: options.port } });
    return withDeadline(options, name, async (signal) => {
      const failures: SystemError[] = [];
      for (const to of await resolve(options, signal)) {
        try {
          return await connectTo(to, options, signal);
        } catch (error) {
          if (!(error instanceof SystemError)) throw error;
          if (failures.length > 0) error.cause = new AggregateError([...failures], 'Other addresses failed before');
          failures.push(error);
        }
      }
      throw failures.at(-1) ?? new SystemError(-EADDRNOTAVAIL, 'connect', {}, 'the resolver gave no address');
    });
  }

  /**
   * Takes over a connected TCP socket: what `detach` gave in another thread, what came with SCM_RIGHTS, what a program inherited.
   * It becomes close-on-exec and non-blocking. An object that owns it and has `detach`, such as a `ReceivedFd`, gives it away.
   *
   * @throws {TypeError} when it is no TCP socket; it is left open
   * @throws {SystemError} EBADF
   */
  static attach(target: FdLike, options: SocketOptions = {}): TcpStream {
    const kinds = [
      [AF_INET, SOCK_STREAM],
      [AF_INET6, SOCK_STREAM],
    ] as const;
    const own = socketOptions(options);
    const fd = adopted(fdOf(target, 'target'), 'TcpStream', kinds);
    const remote = inetAddress(remoteName(fd));
    return new TcpStream(given(target, fd), remote, own);
  }

  /** The own end. @throws {ClosedError} after `close()`. */
  get localAddress(): InetAddress {
    const address = inetAddress(localName(this.fd));
    if (address === null) throw new TypeError('Cannot tell the local address as the socket is no IP socket');
    return address;
  }

  /** The other end; it can be asked for after `close()` too. null where it was gone before this object was made. */
  get remoteAddress(): InetAddress | null {
    if (this.#remote === undefined) this.#remote = this.closed ? null : inetAddress(remoteName(this.fd));
    return this.#remote;
  }

  /** TCP_NODELAY: send small writes at once. @throws {ClosedError | SystemError | TypeError} */
  get noDelay(): boolean {
    return booleanOption(this.fd, options.noDelay);
  }

  set noDelay(on: boolean) {
    setBooleanOption(this.fd, options.noDelay, on);
  }

  /** SO_KEEPALIVE: probe a quiet connection. `setKeepAlive` sets when. @throws {ClosedError | SystemError | TypeError} */
  get keepAlive(): boolean {
    return booleanOption(this.fd, options.keepAlive);
  }

  set keepAlive(on: boolean) {
    setBooleanOption(this.fd, options.keepAlive, on);
  }

  /** Switches keep-alive on, with these times. @throws {TypeError | RangeError} for a time out of range. @throws {ClosedError | SystemError} */
  setKeepAlive({ idleSeconds, intervalSeconds, count }: KeepAlive): void {
    const { fd } = this;
    const times = [
      [options.idle, idleSeconds, 32_767],
      [options.interval, intervalSeconds, 32_767],
      [options.count, count, 127],
    ] as const;
    for (const [{ name }, value, most] of times) if (value !== undefined) integerIn(value, name, 1, most);
    for (const [which, value] of times) if (value !== undefined) setIntOption(fd, which, value);
    this.keepAlive = true;
  }

  /**
   * SO_LINGER, in seconds; null is off, the default. With 0, `close()` resets the connection: the peer sees ECONNRESET.
   *
   * @throws {ClosedError | SystemError | TypeError | RangeError}
   */
  get linger(): number | null {
    const [on, seconds] = intPairOption(this.fd, options.linger);
    return on === 0 ? null : seconds;
  }

  set linger(seconds: number | null) {
    if (seconds !== null) integerIn(seconds, 'linger', 0, 0xffff);
    setIntPairOption(this.fd, options.linger, seconds === null ? [0, 0] : [1, seconds]);
  }

  /** Closes with a reset: what was not sent is thrown away, and the peer sees ECONNRESET. @throws as `close` */
  reset(): void {
    if (this.closed) return;
    try {
      this.linger = 0;
    } finally {
      this.close();
    }
  }

  /** @internal */
  protected override get features(): SocketFeatures {
    return {
      local: () => inetAddress(localName(this.fd)),
      remote: () => this.remoteAddress,
      reset: () => this.reset(),
      setNoDelay: (on) => {
        this.noDelay = on;
      },
      setKeepAlive: (on, seconds) => {
        if (!on) this.keepAlive = false;
        else this.setKeepAlive(seconds === 0 ? {} : { idleSeconds: Math.min(seconds, 32_767) });
      },
    };
  }

  protected override register(reactor: Reactor, handler: (readiness: number) => void): Registration {
    // Another protocol may end its reads between messages (SCTP), or anywhere.
    this.#bytesOnly = speaksTcp(this.fd);
    const interest = { readable: true, writable: true, readHangup: true, trigger: 'edge' } as const;
    // EPOLLPRI tells of urgent data, where reads stop.
    return reactor.register(this, this.#bytesOnly ? { ...interest, priority: true } : interest, handler);
  }

  /** @internal */
  protected override shortRead(): void {
    if (this.#bytesOnly) this.readiness.drainedByShortRead();
  }

  protected override get subject(): SystemErrorSubject {
    const remote = this.remoteAddress;
    return remote === null ? {} : { address: remote.address, port: remote.port };
  }

  /** @internal Resolves when a connect that is in progress has succeeded. */
  async untilConnected(signal: AbortSignal | undefined): Promise<void> {
    this.readiness.join();
    // Not writable until the kernel says so.
    this.readiness.filled();
    await this.readiness.waitToWrite(signal);
    const error = intOption(this.fd, options.error);
    if (error !== 0) throw this.failed(-error, 'connect', connectAdvice(error));
  }
}

const protocol = new Int32Array(1);

function speaksTcp(fd: number): boolean {
  return getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, new Uint8Array(protocol.buffer)) >= 0 && protocol[0] === IPPROTO_TCP;
}

async function connectTo(
  to: SockaddrIn | SockaddrIn6,
  { reactor, localAddress, noDelay = true }: TcpConnectOptions,
  signal: AbortSignal | undefined,
): Promise<TcpStream> {
  if (typeof noDelay !== 'boolean') {
    throw new TypeError(`Cannot use 'noDelay' as it must be a boolean: current value is ${describe(noDelay)}`);
  }
  const from = localAddress === undefined ? undefined : inetSockaddr(localAddress, 0);
  const remote = inetAddress(to);
  const fd = newSocket(to.family, SOCK_STREAM);
  const stream = around(fd, () => new TcpStream(fd, remote, reactor === undefined ? {} : { reactor }));
  try {
    if (from !== undefined) {
      const { address } = from;
      check(
        bind(fd, encodeSockaddr(from)),
        'bind',
        { fd, address, port: 0 },
        'not an address of this machine and family',
      );
    }
    stream.noDelay = noDelay;
    const address = encodeSockaddr(to);
    let answer = connect(fd, address);
    let begun = answer === -EINPROGRESS;
    while (answer === -EINTR) {
      // Mostly it goes on by itself (connect(2)); asking again tells whether it does, and begins it otherwise.
      answer = connect(fd, address);
      begun = answer === -EINPROGRESS || answer === -EALREADY;
      if (answer === -EISCONN) answer = 0;
    }
    if (begun) await stream.untilConnected(signal);
    else if (answer < 0) {
      throw new SystemError(answer, 'connect', { fd, address: to.address, port: to.port }, connectAdvice(-answer));
    }
    return stream;
  } catch (error) {
    stream.close();
    throw error;
  }
}

function connectAdvice(errno: number): string {
  switch (errno) {
    case ECONNREFUSED:
      return 'nobody listens there';
    case ETIMEDOUT:
      return 'there was no answer';
    case EHOSTUNREACH:
    case ENETUNREACH:
      return 'there is no way to this address';
    case EADDRNOTAVAIL:
      return 'no local address or port is left for it';
    default:
      return '';
  }
}
