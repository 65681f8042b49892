import { lookup } from 'node:dns/promises';
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  getsockname,
  getsockopt,
  SO_PEERCRED,
  type Sockaddr,
  SockaddrBuffer,
  SOL_SOCKET,
} from '../../sys/index.ts';
import { formatHostPort } from './hostPort.ts';
import type { HostPort } from './sourceSpec.ts';

/** The address to bind: of every address of the machine, IPv4 and IPv6, where no host is given. @throws {Error} of the resolver. */
export async function resolve({ host, port }: HostPort): Promise<Sockaddr> {
  if (host === null) return { family: AF_INET6, address: '::', port };
  const { address, family } = await lookup(host);
  return { family: family === 6 ? AF_INET6 : AF_INET, address, port };
}

/** The socket's own address, to be shown. */
export function boundAddress(fd: number): string {
  const buffer = new SockaddrBuffer();
  return getsockname(fd, buffer) < 0 ? '' : formatAddress(buffer.decode());
}

/** An address to be shown; '' for the unnamed peers of unix sockets. */
export function formatAddress(address: Sockaddr | null): string {
  if (address === null) return '';
  return address.family === AF_UNIX ? address.path.replace(/^\0/, '@') : formatHostPort(address);
}

/** Who connected to a unix socket: its path, or the process. */
export function unixPeer(fd: number, address: Sockaddr | null): string {
  const path = formatAddress(address);
  if (path !== '') return path;
  // struct ucred: pid, uid, gid.
  const credentials = new Int32Array(3);
  const answer = getsockopt(fd, SOL_SOCKET, SO_PEERCRED, new Uint8Array(credentials.buffer));
  return answer < 0 ? 'unknown' : `pid ${credentials[0]} uid ${credentials[1]}`;
}
