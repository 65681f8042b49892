import { SystemError } from '../../fd/systemError.ts';
import {
  AF_INET6,
  bind,
  connect,
  EADDRINUSE,
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
  IP_BIND_ADDRESS_NO_PORT,
  IPPROTO_IP,
  setsockopt,
  SO_ERROR,
  type SockaddrIn,
  type SockaddrIn6,
  SOCK_STREAM,
  SOL_SOCKET,
} from '../../sys/index.ts';
import { aBoolean, aString } from '../../sys/optionKind.ts';
import { type OptionsReader, optionsReader } from '../../sys/optionsReader.ts';
import { type InetAddress, inetAddress, inetSockaddr } from '../address/inetAddress.ts';
import { type HostPort, hostPortKinds, resolve } from '../address/resolve.ts';
import { interleaved } from '../address/interleaved.ts';
import type { OperationOptions } from '../core/deadline.ts';
import { operationKinds, socketKinds } from '../core/optionKinds.ts';
import { around, newSocket } from '../core/madeSocket.ts';
import { Socket, type SocketOptions } from '../core/socket.ts';
import { intOption, setBooleanOption } from '../core/socketOption.ts';
import { firstOf } from './firstOf.ts';
import { tcpOptions } from './tcpOptions.ts';

/** How `TcpStream.connect` connects. */
export interface TcpConnectOptions extends HostPort, OperationOptions, SocketOptions {
  /** The IP address to connect from; the kernel chooses by default. */
  readonly localAddress?: string;
  /** Send small writes at once (TCP_NODELAY); true by default, as an epoll program writes what it has in one go. */
  readonly noDelay?: boolean;
}

/** @throws {TypeError | RangeError} for a wrong option */
export const readConnectOptions: OptionsReader<TcpConnectOptions> = optionsReader<TcpConnectOptions>(
  'connect',
  "{ host: 'localhost', port: 8080 }",
  { ...hostPortKinds, ...operationKinds, ...socketKinds, localAddress: aString, noDelay: aBoolean },
);

/** A connected socket, which the caller must see closed. */
export interface Connected {
  readonly fd: number;
  readonly remote: InetAddress | null;
}

const pendingError = { level: SOL_SOCKET, option: SO_ERROR, name: 'SO_ERROR' };

/** A socket that is being connected. */
class ConnectingSocket extends Socket {
  readonly to: SockaddrIn | SockaddrIn6;

  constructor(to: SockaddrIn | SockaddrIn6, fd: number, options: SocketOptions) {
    super(fd, options, 'by TcpStream.connect');
    this.to = to;
  }

  /** Resolves when it is connected. */
  async connected(signal: AbortSignal): Promise<void> {
    const { fd } = this;
    const address = encodeSockaddr(this.to);
    let answer = connect(fd, address);
    let begun = answer === -EINPROGRESS;
    while (answer === -EINTR) {
      // Mostly it goes on by itself (connect(2)); asking again tells whether it does, and begins it otherwise.
      answer = connect(fd, address);
      begun = answer === -EINPROGRESS || answer === -EALREADY;
      if (answer === -EISCONN) answer = 0;
    }
    if (begun) {
      this.readiness.join();
      // Not writable until the kernel says so.
      this.readiness.filled();
      await this.readiness.waitToWrite(signal);
      answer = -intOption(fd, pendingError);
    }
    if (answer >= 0) return;
    throw new SystemError(answer, 'connect', { fd, ...named(this.to) }, connectAdvice(answer));
  }

  /** Gives it away, open. */
  given(): number {
    return this.giveAway();
  }
}

/**
 * A TCP connection to a host: its addresses are tried as RFC 8305 says.
 *
 * @throws as `TcpStream.connect`
 */
export async function connectTcp(options: TcpConnectOptions, signal: AbortSignal | undefined): Promise<Connected> {
  const { localAddress, noDelay = true } = options;
  const from = localAddress === undefined ? undefined : inetSockaddr(localAddress, 0);
  const family = options.family ?? (from === undefined ? undefined : from.family === AF_INET6 ? 6 : 4);
  const found = interleaved(await resolve(family === undefined ? options : { ...options, family }, signal));
  if (found.length === 0) throw new SystemError(-EADDRNOTAVAIL, 'connect', {}, 'the resolver gave no address');
  const own = options.reactor === undefined ? {} : { reactor: options.reactor };
  const run = async (to: SockaddrIn | SockaddrIn6, given: AbortSignal): Promise<ConnectingSocket> => {
    const socket = around(newSocket(to.family, SOCK_STREAM), (fd) => new ConnectingSocket(to, fd, own));
    try {
      if (from !== undefined) bindAddress(socket.fd, from);
      setBooleanOption(socket.fd, tcpOptions.noDelay, noDelay);
      await socket.connected(given);
      return socket;
    } catch (error) {
      socket.close();
      throw error;
    }
  };
  const socket = await firstOf(found, { run, discard: (late) => late.close() }, signal);
  return { fd: socket.given(), remote: inetAddress(socket.to) };
}

// Without IP_BIND_ADDRESS_NO_PORT bind(2) takes a port for all destinations: a host has 28,000 of them. A kernel that
// lacks the option (before Linux 4.2) goes on without it.
function bindAddress(fd: number, from: SockaddrIn | SockaddrIn6): void {
  setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
  const answer = bind(fd, encodeSockaddr(from));
  if (answer < 0) throw new SystemError(answer, 'bind', { fd, ...named(from) }, bindAdvice(answer));
}

function named({ address, port }: SockaddrIn | SockaddrIn6): { address: string; port: number } {
  return { address, port };
}

function bindAdvice(answer: number): string {
  return answer === -EADDRINUSE
    ? 'all local ports are in use (sysctl net.ipv4.ip_local_port_range)'
    : 'not an address of this machine and family';
}

function connectAdvice(answer: number): string {
  switch (-answer) {
    case ECONNREFUSED:
      return 'nobody listens there';
    case ETIMEDOUT:
      return 'there was no answer';
    case EHOSTUNREACH:
    case ENETUNREACH:
      return 'there is no way to this address';
    case EADDRNOTAVAIL:
      return 'no local address or port is left for it (sysctl net.ipv4.ip_local_port_range)';
    case EADDRINUSE:
      return 'all local ports are in use (sysctl net.ipv4.ip_local_port_range)';
    default:
      return '';
  }
}
