import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { check } from '../../fd/systemError.ts';
import { offAbort, onAbort } from '../../reactor/onAbort.ts';
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

/** A port of a host: a name, or an IP address. */
export interface HostPort {
  /** `'localhost'` by default. */
  readonly host?: string;
  readonly port: number;
  /** 4 or 6: only addresses of this family. */
  readonly family?: 4 | 6;
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
      `Cannot use 'address' as it must be an IP address (an IPv6 zone as a number): current value is ${describe(address)}`,
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

/**
 * The addresses of a host, in the resolver's order, by `node:dns`.
 *
 * @throws (as a rejection) Node's own error of the resolver, ENOTFOUND and the like; the signal's reason
 */
export async function resolve(
  { host = 'localhost', port, family }: HostPort,
  signal?: AbortSignal,
): Promise<(SockaddrIn | SockaddrIn6)[]> {
  if (typeof host !== 'string' || host === '') {
    throw new TypeError(`Cannot use 'host' as it must be a name or an IP address: current value is ${describe(host)}`);
  }
  if (family !== undefined && family !== 4 && family !== 6) {
    throw new TypeError(`Cannot use 'family' as it must be 4 or 6: current value is ${describe(family)}`);
  }
  integerIn(port, 'port', 0, 0xffff);
  if (isIP(host.replace(/%\d+$/, '')) !== 0) return [inetSockaddr(host, port)];
  const found = await abortable(lookup(host, { all: true, ...(family === undefined ? {} : { family }) }), signal);
  return found.map(({ address }) => inetSockaddr(address, port));
}

// The resolver runs in libuv's pool and can't be stopped; its answer is not waited for any more.
async function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  signal.throwIfAborted();
  let abort = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    // eslint-disable-next-line typescript/prefer-promise-reject-errors -- an abort reason can be any value, and is passed on as it is
    abort = () => reject(signal.reason);
    onAbort(signal, abort);
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    offAbort(signal, abort);
  }
}
