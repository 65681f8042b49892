import { isIP } from 'node:net';
import { check } from '../../fd/systemError.ts';
import { describe, integerIn } from '../../sys/argument.ts';
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  ENOTCONN,
  getpeername,
  getsockname,
  type Sockaddr,
  SockaddrBuffer,
  type SockaddrIn,
  type SockaddrIn6,
} from '../../sys/index.ts';

/** An IP address and a port, as `net.AddressInfo` has them. */
export interface InetAddress {
  readonly address: string;
  readonly family: 'IPv4' | 'IPv6';
  readonly port: number;
}

const buffer = new SockaddrBuffer();

/** A kernel address as users see it. @returns null for one that is no IP address */
export function inetAddress(address: Sockaddr | null): InetAddress | null {
  if (address === null || address.family === AF_UNIX) return null;
  // fe80::1%2: without its zone a link-local address means nothing (RFC 4007).
  const zone = address.family === AF_INET6 && (address.scopeId ?? 0) > 0 ? `%${address.scopeId}` : '';
  const family = address.family === AF_INET6 ? 'IPv6' : 'IPv4';
  return { address: `${address.address}${zone}`, family, port: address.port };
}

/** A kernel address that must be of the Internet. @throws {TypeError} */
export function knownInetAddress(address: Sockaddr | null): InetAddress {
  const inet = inetAddress(address);
  if (inet === null) throw new TypeError('Cannot tell the address as the socket must be an IP socket');
  return inet;
}

/** An IP address with an optional zone index, and a port, as the kernel takes them. @throws {TypeError | RangeError} */
export function inetSockaddr(address: string, port: number): SockaddrIn | SockaddrIn6 {
  integerIn(port, 'port', 0, 0xffff);
  const [bare = '', zone, ...more] = typeof address === 'string' ? address.split('%') : [];
  const version = isIP(bare);
  const scopeId = zone === undefined ? 0 : Number(zone);
  const wrongZone = zone !== undefined && (version === 4 || !/^\d{1,10}$/.test(zone) || scopeId > 0xffff_ffff);
  if (version === 0 || wrongZone || more.length > 0) {
    throw new TypeError(
      "Cannot use 'address' as it must be an IP address (an IPv6 zone as a number): " +
        `current value is ${describe(address)}`,
    );
  }
  return version === 6 ? { family: AF_INET6, address: bare, port, scopeId } : { family: AF_INET, address: bare, port };
}

/** The socket's own address. @throws {SystemError} EBADF */
export function localName(fd: number): Sockaddr | null {
  check(getsockname(fd, buffer), 'getsockname', { fd });
  return buffer.decode();
}

/** The address of the other end; null where there is none any more. @throws {SystemError} EBADF */
export function remoteName(fd: number): Sockaddr | null {
  const answer = getpeername(fd, buffer);
  if (answer === -ENOTCONN) return null;
  check(answer, 'getpeername', { fd });
  return buffer.decode();
}
