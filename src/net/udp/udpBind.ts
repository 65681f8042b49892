import { isIPv6 } from 'node:net';
import { SystemError } from '../../fd/systemError.ts';
import { describe, integerIn } from '../../sys/argument.ts';
import {
  AF_INET,
  AF_INET6,
  bind,
  EACCES,
  ECONNREFUSED,
  EDESTADDRREQ,
  EHOSTUNREACH,
  EMSGSIZE,
  encodeSockaddr,
  ENETUNREACH,
  ENOBUFS,
  EPERM,
  IPPROTO_IPV6,
  IPV6_V6ONLY,
  SO_BROADCAST,
  SO_REUSEADDR,
  SO_REUSEPORT,
  SOCK_DGRAM,
  type SockaddrIn,
  type SockaddrIn6,
  SOL_SOCKET,
} from '../../sys/index.ts';
import { bindAdvice } from '../core/bindAdvice.ts';
import { inetSockaddr } from '../address/inetAddress.ts';
import { around, newSocket } from '../core/madeSocket.ts';
import { setBooleanOption } from '../core/socketOption.ts';

/** How a `UdpSocket` is bound. */
export interface UdpBindOptions {
  /** An IP address of this machine; all of them by default. A multicast group's own address receives only what is sent to it. */
  readonly address?: string;
  /** 0, the default: the kernel chooses a free one, see `localAddress`. */
  readonly port?: number;
  /** Without an address: 4 (the default), or 6, which takes IPv4 too unless `ipv6Only`. */
  readonly family?: 4 | 6;
  /** SO_REUSEPORT: several sockets of one user share the port, and the kernel shares the datagrams out between them. */
  readonly reusePort?: boolean;
  /** SO_REUSEADDR: several sockets have the port: each gets what comes for a group, the last one all else. */
  readonly reuseAddress?: boolean;
  /** SO_BROADCAST: datagrams may go to a broadcast address; false by default. */
  readonly broadcast?: boolean;
  /** IPV6_V6ONLY: leave IPv4 to others; false by default. */
  readonly ipv6Only?: boolean;
}

const option = (level: number, number: number, name: string) => ({ level, option: number, name });

/** A new UDP socket, bound. @throws {SystemError | TypeError | RangeError} */
export function boundUdp(options: UdpBindOptions): { fd: number; family: 4 | 6 } {
  const { address, port = 0, family = address !== undefined && isIPv6(address) ? 6 : 4 } = options;
  if (family !== 4 && family !== 6) {
    throw new TypeError(`Cannot use 'family' as it must be 4 or 6: current value is ${describe(family)}`);
  }
  const to = inetSockaddr(address ?? (family === 6 ? '::' : '0.0.0.0'), port);
  if ((to.family === AF_INET6) !== (family === 6)) {
    throw new TypeError(
      `Cannot use 'address' as it must be of the family ${family}: current value is ${describe(address)}`,
    );
  }
  const fd = newSocket(to.family, SOCK_DGRAM);
  return around(fd, () => {
    const { reusePort, reuseAddress, broadcast, ipv6Only = false } = options;
    const set = (level: number, number: number, name: string, on: boolean | undefined): void => {
      if (on !== undefined) setBooleanOption(fd, option(level, number, name), on);
    };
    set(SOL_SOCKET, SO_REUSEPORT, 'reusePort', reusePort);
    set(SOL_SOCKET, SO_REUSEADDR, 'reuseAddress', reuseAddress);
    set(SOL_SOCKET, SO_BROADCAST, 'broadcast', broadcast);
    if (family === 6) set(IPPROTO_IPV6, IPV6_V6ONLY, 'ipv6Only', ipv6Only);
    bindTo(fd, to);
    return { fd, family };
  });
}

/** Binds a socket again that has lost its port: disconnecting takes away one that the kernel chose (Linux 6.18). */
export function rebind(fd: number, port: number, now: { readonly address: string; readonly port: number }): void {
  if (now.port !== port) bindTo(fd, inetSockaddr(now.address, port));
}

function bindTo(fd: number, to: SockaddrIn | SockaddrIn6): void {
  const answer = bind(fd, encodeSockaddr(to));
  if (answer < 0) {
    throw new SystemError(answer, 'bind', { fd, address: to.address, port: to.port }, bindAdvice(answer));
  }
}

/**
 * An address as a socket of this family takes it: one for IPv6 reaches IPv4 by mapped addresses, `::ffff:192.0.2.1`.
 *
 * @throws {TypeError | RangeError} for a wrong address or port, and for IPv6 on a socket for IPv4
 */
export function encodedFor(address: string, port: number, family: 4 | 6): Uint8Array {
  integerIn(port, 'port', 1, 0xffff);
  const to = inetSockaddr(address, port);
  if (family === 4 && to.family === AF_INET6) {
    const value = describe(address);
    throw new TypeError(`Cannot use 'address' as it must be IPv4, as the socket is: current value is ${value}`);
  }
  return encodeSockaddr(family === 6 && to.family === AF_INET ? inetSockaddr(`::ffff:${address}`, port) : to);
}

/** What can be done about the failure of a UDP socket. @param length of the datagram that was sent */
export function udpAdvice(answer: number, length = 0): string {
  switch (-answer) {
    case ECONNREFUSED:
      return 'nobody received an earlier datagram there; the socket goes on: send again';
    case EMSGSIZE:
      return `a datagram carries at most 65507 bytes over IPv4, 65527 over IPv6, and less where the network can't split it: this one has ${length}`;
    case EDESTADDRREQ:
      return 'the socket is not connected: give the address, or connect first';
    case EACCES:
      return 'this is a broadcast address: set broadcast';
    case EPERM:
      return 'a firewall rule refuses it';
    case ENOBUFS:
      return "the network device's queue is full: send less, or later";
    case ENETUNREACH:
    case EHOSTUNREACH:
      return 'there is no way to this address';
    default:
      return '';
  }
}
