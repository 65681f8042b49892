import { isIPv4 } from 'node:net';
import { check } from '../../fd/systemError.ts';
import { describe } from '../../sys/argument.ts';
import {
  AF_INET,
  EADDRINUSE,
  EADDRNOTAVAIL,
  EINVAL,
  encodeSockaddr,
  ENODEV,
  IP_ADD_MEMBERSHIP,
  IP_DROP_MEMBERSHIP,
  IP_MULTICAST_IF,
  IP_MULTICAST_LOOP,
  IP_MULTICAST_TTL,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_ADD_MEMBERSHIP,
  IPV6_DROP_MEMBERSHIP,
  IPV6_MULTICAST_HOPS,
  IPV6_MULTICAST_LOOP,
  setsockopt,
} from '../../sys/index.ts';
import { inetSockaddr } from '../address/inetAddress.ts';
import { booleanOption, intOption, setBooleanOption, setIntOption, type SocketOption } from '../core/socketOption.ts';

const option = (level: number, number: number, name: string): SocketOption => ({ level, option: number, name });
const loopback = {
  4: option(IPPROTO_IP, IP_MULTICAST_LOOP, 'multicast.loopback'),
  6: option(IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 'multicast.loopback'),
};
const hops = {
  4: option(IPPROTO_IP, IP_MULTICAST_TTL, 'multicast.hops'),
  6: option(IPPROTO_IPV6, IPV6_MULTICAST_HOPS, 'multicast.hops'),
};

/**
 * The groups of a UDP socket: `socket.multicast`.
 *
 * A datagram to an IPv6 group leaves by the interface that the group's zone names; one to an IPv4 group by `sendVia`.
 *
 * @see https://man7.org/linux/man-pages/man7/ip.7.html
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { UdpSocket } from 'epoll-ts/net';
 *
 * const socket = new UdpSocket();
 * socket.multicast.join('239.1.2.3', '127.0.0.1');
 * socket.multicast.sendVia('127.0.0.1');
 * await socket.send(Buffer.from('to all'), { address: '239.1.2.3', port: socket.localAddress.port });
 * assert.equal((await socket.receive(new Uint8Array(16))).bytes, 6);
 * socket.close();
 * ```
 */
export class Multicast {
  readonly #socket: { readonly fd: number; readonly family: 4 | 6 };

  /** @internal */
  constructor(socket: { readonly fd: number; readonly family: 4 | 6 }) {
    this.#socket = socket;
  }

  /**
   * Whether this machine gets what the socket sends to groups; true at first.
   *
   * @throws {ClosedError | SystemError | TypeError}
   */
  get loopback(): boolean {
    return booleanOption(this.#socket.fd, loopback[this.#socket.family]);
  }

  set loopback(on: boolean) {
    setBooleanOption(this.#socket.fd, loopback[this.#socket.family], on);
  }

  /**
   * How many networks a datagram to a group may cross, 0 to 255; 1 at first.
   *
   * @throws {ClosedError | SystemError | TypeError | RangeError}
   */
  get hops(): number {
    return intOption(this.#socket.fd, hops[this.#socket.family]);
  }

  set hops(count: number) {
    setIntOption(this.#socket.fd, hops[this.#socket.family], count, 255);
  }

  /**
   * Receives what is sent to a group and this socket's port.
   *
   * @param group such as `'239.1.2.3'`; an IPv6 one names its interface by a zone: `'ff02::1234%2'`
   * @param localAddress of IPv4: the address of the interface; the kernel chooses by default
   * @throws {ClosedError} after `close()`
   * @throws {SystemError} EADDRINUSE where it is a member already, EINVAL for what is no group, ENODEV
   * @throws {TypeError} for a wrong address
   */
  join(group: string, localAddress?: string): void {
    this.#change(IP_ADD_MEMBERSHIP, IPV6_ADD_MEMBERSHIP, group, localAddress);
  }

  /** Undoes `join`, with the same arguments. @throws {SystemError} EADDRNOTAVAIL where it is no member; as `join` */
  leave(group: string, localAddress?: string): void {
    this.#change(IP_DROP_MEMBERSHIP, IPV6_DROP_MEMBERSHIP, group, localAddress);
  }

  /**
   * The interface by which datagrams to IPv4 groups leave.
   *
   * @param localAddress its address
   * @throws {ClosedError} after `close()`
   * @throws {SystemError} EADDRNOTAVAIL
   * @throws {TypeError} for anything but an IPv4 address
   */
  sendVia(localAddress: string): void {
    const { fd } = this.#socket;
    const answer = setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, octets(checkedLocal(localAddress)));
    check(answer, 'setsockopt', { fd, address: localAddress, port: 0 }, 'no interface has this address');
  }

  #change(option4: number, option6: number, group: string, localAddress: string | undefined): void {
    const { fd } = this.#socket;
    const to = inetSockaddr(group, 0);
    if (to.family === AF_INET) {
      // struct ip_mreq: the group, the address of the interface.
      const mreq = Uint8Array.of(...octets(group), ...octets(checkedLocal(localAddress ?? '0.0.0.0')));
      const answer = setsockopt(fd, IPPROTO_IP, option4, mreq);
      check(answer, 'setsockopt', { fd, address: group, port: 0 }, advice(answer));
      return;
    }
    if (localAddress !== undefined) {
      throw new TypeError("Cannot use 'localAddress' with an IPv6 group as its zone names the interface: 'ff02::1%2'");
    }
    // struct ipv6_mreq: the group (at 8 of struct sockaddr_in6), the index of the interface (there at 24).
    const address = encodeSockaddr(to);
    const mreq = Uint8Array.of(...address.subarray(8, 24), ...address.subarray(24, 28));
    const answer = setsockopt(fd, IPPROTO_IPV6, option6, mreq);
    check(answer, 'setsockopt', { fd, address: group, port: 0 }, advice(answer));
  }
}

function octets(address: string): Uint8Array {
  return Uint8Array.from(address.split('.'), Number);
}

function checkedLocal(address: string): string {
  if (isIPv4(address)) return address;
  const value = describe(address);
  throw new TypeError(
    `Cannot use 'localAddress' as it must be an IPv4 address of an interface: current value is ${value}`,
  );
}

function advice(answer: number): string {
  switch (-answer) {
    case EADDRINUSE:
      return 'it is a member of the group already';
    case EADDRNOTAVAIL:
      return 'it is no member of this group';
    case EINVAL:
      return 'it is no multicast address (224.0.0.0 to 239.255.255.255, ff00::/8)';
    case ENODEV:
      return 'no interface has this address or index, or there is no way to the group: name the interface';
    default:
      return '';
  }
}
