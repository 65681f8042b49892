import {
  AF_INET,
  AF_INET6,
  bind,
  EACCES,
  EADDRINUSE,
  EADDRNOTAVAIL,
  EAFNOSUPPORT,
  encodeSockaddr,
  IPPROTO_IPV6,
  IPPROTO_TCP,
  IPV6_V6ONLY,
  listen,
  setsockopt,
  SO_REUSEADDR,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  type Sockaddr,
  socket,
  SOL_SOCKET,
  SOMAXCONN,
  TCP_NODELAY,
} from '../../../sys/index.ts';
import { answered, Descriptor } from '../descriptor.ts';
import type { Host, Source } from '../host.ts';
import { boundAddress, formatAddress, resolve } from '../socketAddress.ts';
import type { TcpSpec, UdpSpec } from '../sourceSpec.ts';
import { openListener } from './listener.ts';

/** `tcp:HOST:PORT`: listens, accepts, and reports each connection. */
export async function openTcp(spec: TcpSpec, host: Host): Promise<Source> {
  const { descriptor, address } = internetSocket(await resolve(spec.address), SOCK_STREAM);
  return openListener({
    spec,
    host,
    socket: descriptor,
    listen: () => {
      // A port whose last connection is in TIME_WAIT is free for a listener.
      setsockopt(descriptor.fd, SOL_SOCKET, SO_REUSEADDR, 1);
      bindTo(descriptor, address, spec);
      answered(listen(descriptor.fd, SOMAXCONN), 'listen', {}, inUse(spec));
      return boundAddress(descriptor.fd);
    },
    peerOf: (fd, peer) => {
      // An echo of a few bytes must not wait for the acknowledgement of the last one.
      setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, 1);
      return formatAddress(peer);
    },
  });
}

/** A socket for an address; for every address of the machine one that takes IPv4 and IPv6, where there is IPv6. */
export function internetSocket(address: Sockaddr, type: number): { descriptor: Descriptor; address: Sockaddr } {
  const flags = type | SOCK_NONBLOCK | SOCK_CLOEXEC;
  let chosen = address;
  let fd = socket(address.family, flags, 0);
  if (fd === -EAFNOSUPPORT && address.family === AF_INET6 && address.address === '::') {
    chosen = { family: AF_INET, address: '0.0.0.0', port: address.port };
    fd = socket(AF_INET, flags, 0);
  }
  const descriptor = new Descriptor(answered(fd, 'socket'));
  if (chosen.family === AF_INET6) setsockopt(descriptor.fd, IPPROTO_IPV6, IPV6_V6ONLY, 0);
  return { descriptor, address: chosen };
}

/** @throws {SystemError} that says what to do */
export function bindTo(descriptor: Descriptor, address: Sockaddr, spec: TcpSpec | UdpSpec): void {
  const answer = bind(descriptor.fd, encodeSockaddr(address));
  const advice: Readonly<Record<number, string>> = {
    [-EADDRINUSE]: inUse(spec),
    [-EADDRNOTAVAIL]: 'no interface of this machine has the address: use 127.0.0.1, or * for every address',
    [-EACCES]: 'ports below 1024 need CAP_NET_BIND_SERVICE: use a higher one',
  };
  answered(answer, 'bind', {}, advice[answer] ?? '');
}

function inUse({ kind, address }: TcpSpec | UdpSpec): string {
  return `another program has port ${address.port}: choose another one, or ${kind}:${address.host ?? '*'}:0 for a free one`;
}
