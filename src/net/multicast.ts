import { isIPv4 } from 'node:net';
import { check, type SystemErrorSubject } from '../fd/systemError.ts';
import { describe } from '../sys/argument.ts';
import {
  AF_INET,
  EADDRINUSE,
  EADDRNOTAVAIL,
  EINVAL,
  encodeSockaddr,
  ENODEV,
  IP_ADD_MEMBERSHIP,
  IP_DROP_MEMBERSHIP,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_ADD_MEMBERSHIP,
  IPV6_DROP_MEMBERSHIP,
  setsockopt,
} from '../sys/index.ts';
import { inetSockaddr } from './inetAddress.ts';

/**
 * Joins or leaves a multicast group.
 *
 * @param group an IPv4 or IPv6 multicast address; an IPv6 one names its interface by a zone, `'ff02::1%2'`
 * @param localAddress of IPv4: the address of the interface; the kernel chooses by default
 * @throws {TypeError} for a wrong address
 * @throws {SystemError} EADDRINUSE, EADDRNOTAVAIL, EINVAL, ENODEV
 */
export function setMembership(fd: number, joins: boolean, group: string, localAddress: string | undefined): void {
  const to = inetSockaddr(group, 0);
  if (localAddress !== undefined && !(to.family === AF_INET && isIPv4(localAddress))) {
    const value = describe(localAddress);
    throw new TypeError(
      `Cannot use 'localAddress' as it must be an IPv4 address, with an IPv4 group: current value is ${value}`,
    );
  }
  const subject: SystemErrorSubject = { fd, address: group, port: 0 };
  const answer =
    to.family === AF_INET
      ? setsockopt(fd, IPPROTO_IP, joins ? IP_ADD_MEMBERSHIP : IP_DROP_MEMBERSHIP, ipMreq(group, localAddress))
      : setsockopt(fd, IPPROTO_IPV6, joins ? IPV6_ADD_MEMBERSHIP : IPV6_DROP_MEMBERSHIP, ipv6Mreq(group));
  check(answer, 'setsockopt', subject, advice(answer));
}

// struct ip_mreq: the group, the address of the interface.
function ipMreq(group: string, localAddress = '0.0.0.0'): Uint8Array {
  return Uint8Array.from([group, localAddress].flatMap((address) => address.split('.').map(Number)));
}

// struct ipv6_mreq: the group (at 8 of struct sockaddr_in6), the index of the interface (there at 24).
function ipv6Mreq(group: string): Uint8Array {
  const address = encodeSockaddr(inetSockaddr(group, 0));
  const mreq = new Uint8Array(20);
  mreq.set(address.subarray(8, 24));
  mreq.set(address.subarray(24, 28), 16);
  return mreq;
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
