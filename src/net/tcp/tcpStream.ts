import { type FdLike, fdToTakeOver } from '../../fd/fdLike.ts';
import { SystemError, type SystemErrorSubject } from '../../fd/systemError.ts';
import type { Reactor } from '../../reactor/reactor.ts';
import type { Registration } from '../../reactor/registration.ts';
import { integerIn } from '../../sys/argument.ts';
import { optionsReader } from '../../sys/optionsReader.ts';
import { getsockopt, IPPROTO_TCP, SO_PROTOCOL, SOL_SOCKET } from '../../sys/index.ts';
import { type InetAddress, inetAddress, knownInetAddress, localName, remoteName } from '../address/inetAddress.ts';
import { type ChannelKind, plainBytes } from '../core/byteChannel.ts';
import { withDeadline } from '../core/deadline.ts';
import { adopted, given } from '../core/madeSocket.ts';
import { socketKinds } from '../core/optionKinds.ts';
import type { SocketOptions } from '../core/socket.ts';
import type { SocketFeatures } from '../core/socketFeatures.ts';
import { booleanOption, intPairOption, setBooleanOption, setIntPairOption } from '../core/socketOption.ts';
import { ByteStream } from '../stream/byteStream.ts';
import { tcpKinds } from './attachedTcp.ts';
import { connectTcp, readConnectOptions, type TcpConnectOptions } from './tcpConnect.ts';
import { type KeepAlive, setKeepAliveTimes, tcpOptions } from './tcpOptions.ts';
import { inspectable } from '../../fd/inspectable.ts';
import { inetText } from '../address/inetText.ts';

/** What a `TcpStream` is made with besides. */
export interface MadeTcp extends SocketOptions {
  /** What an UnclosedFdWarning says of who made it. */
  readonly origin?: string;
  /** false: SO_LINGER is off, as nobody has set it. */
  readonly lingers?: boolean;
}

const readAttachOptions = optionsReader<SocketOptions>('use a connection', '{ reactor }', socketKinds);

let tcpKind: ChannelKind;

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
  static {
    inspectable(this.prototype, {
      fd: ({ fd }) => fd,
      local: ({ localAddress }) => inetText(localAddress),
      remote: ({ remoteAddress }) => inetText(remoteAddress),
    });
  }

  // undefined: not asked for yet.
  #remote: InetAddress | null | undefined;
  #bytesOnly = false;
  // undefined: someone else has had the socket.
  #lingers: boolean | undefined;

  /**
   * @internal `fd` is a non-blocking TCP socket that is taken over; without `remote` it is asked for when someone wants
   *   it.
   */
  constructor(fd: number, remote: InetAddress | null | undefined, options: MadeTcp = {}) {
    super(fd, options, options.origin ?? TcpStream, tcpKind);
    this.#remote = remote;
    this.#lingers = options.lingers;
  }

  /**
   * Connects. A name is resolved by `node:dns`, or by `lookup`. Its addresses are tried as RFC 8305 says: IPv6 and IPv4
   * in turn, the next one when one has failed, or has not answered for 250 ms. The first that answers wins, and the
   * others are closed.
   *
   * @throws (as a rejection) {SystemError} ECONNREFUSED, ETIMEDOUT, EHOSTUNREACH, ENETUNREACH, EADDRNOTAVAIL, EMFILE, …
   *   with the `address` and `port` of the last address that was tried; `cause` has the errors of those before it
   * @throws (as a rejection) Node's error ENOTFOUND, EAI_AGAIN of the resolver
   * @throws (as a rejection) the signal's reason, or a TimeoutError; nothing is left open
   * @throws (as a rejection) {TypeError | RangeError} for a wrong option
   * @see https://man7.org/linux/man-pages/man2/connect.2.html
   */
  static async connect(options: TcpConnectOptions): Promise<TcpStream> {
    const own = readConnectOptions(options);
    const { host = 'localhost', port, reactor } = own;
    const name = () => ({ syscall: 'connect', subject: { address: host, port } });
    const { fd, remote } = await withDeadline(own, name, (signal) => connectTcp(own, signal));
    const made = { origin: 'by TcpStream.connect', lingers: false };
    return new TcpStream(fd, remote, reactor === undefined ? made : { ...made, reactor });
  }

  /**
   * Takes over a connected TCP socket: what `detach` gave in another thread, what came with SCM_RIGHTS, what a program
   * inherited. It becomes close-on-exec and non-blocking. An object that owns it and has `detach`, such as a
   * `ReceivedFd`, gives it away.
   *
   * @throws {TypeError} when it is no TCP socket; it is left open
   * @throws {SystemError} EBADF
   */
  static attach(target: FdLike, options?: SocketOptions): TcpStream {
    const own = readAttachOptions(options);
    const fd = adopted(fdToTakeOver(target), 'TcpStream', tcpKinds);
    const remote = inetAddress(remoteName(fd));
    return new TcpStream(given(target, fd), remote, own);
  }

  /** The own end. @throws {ClosedError} after `close()`. */
  get localAddress(): InetAddress {
    return knownInetAddress(localName(this.fd));
  }

  /** The other end; it can be asked for after `close()` too. null where it was gone before this object was made. */
  get remoteAddress(): InetAddress | null {
    if (this.#remote === undefined) this.#remote = this.closed ? null : inetAddress(remoteName(this.fd));
    return this.#remote;
  }

  /** TCP_NODELAY: send small writes at once. @throws {ClosedError | SystemError | TypeError} */
  get noDelay(): boolean {
    return booleanOption(this.fd, tcpOptions.noDelay);
  }

  set noDelay(on: boolean) {
    setBooleanOption(this.fd, tcpOptions.noDelay, on);
  }

  /**
   * SO_KEEPALIVE: probe a quiet connection. `setKeepAlive` sets when.
   *
   * @throws {ClosedError | SystemError | TypeError}
   */
  get keepAlive(): boolean {
    return booleanOption(this.fd, tcpOptions.keepAlive);
  }

  set keepAlive(on: boolean) {
    setBooleanOption(this.fd, tcpOptions.keepAlive, on);
  }

  /**
   * Switches keep-alive on, with these times.
   *
   * @throws {TypeError | RangeError} for a time out of range.
   * @throws {ClosedError | SystemError}
   */
  setKeepAlive(times: KeepAlive): void {
    setKeepAliveTimes(this.fd, times);
  }

  /**
   * SO_LINGER, in seconds; null is off, the default. With 0, `close()` resets the connection: the peer sees ECONNRESET.
   * With more, close(2) would block the thread until all was sent: `close()` here switches it off first, and the kernel
   * sends on by itself.
   *
   * @throws {ClosedError | SystemError | TypeError | RangeError}
   */
  get linger(): number | null {
    const [on, seconds] = intPairOption(this.fd, tcpOptions.linger);
    return on === 0 ? null : seconds;
  }

  set linger(seconds: number | null) {
    if (seconds !== null) integerIn(seconds, 'linger', 0, 0xffff);
    setIntPairOption(this.fd, tcpOptions.linger, seconds === null ? [0, 0] : [1, seconds]);
    this.#lingers = seconds !== null;
  }

  /** Closes it; what was written is sent all the same, and nothing waits for that. @throws as `OwnedFd.close` */
  override close(): void {
    if (!this.closed && this.#lingers !== false) this.#stopLingering();
    super.close();
  }

  #stopLingering(): void {
    try {
      if ((this.linger ?? 0) > 0) this.linger = null;
    } catch (error) {
      // close(2) tells what is wrong with the number.
      if (!(error instanceof SystemError)) throw error;
    }
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

  get #features(): SocketFeatures {
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

  protected override get subject(): SystemErrorSubject {
    const remote = this.remoteAddress;
    return remote === null ? {} : { address: remote.address, port: remote.port };
  }

  static {
    tcpKind = {
      ...plainBytes,
      shortReadDrains: (stream: TcpStream) => stream.#bytesOnly,
      features: (stream: TcpStream) => stream.#features,
    };
  }
}

const protocol = new Int32Array(1);

function speaksTcp(fd: number): boolean {
  return getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, new Uint8Array(protocol.buffer)) >= 0 && protocol[0] === IPPROTO_TCP;
}
