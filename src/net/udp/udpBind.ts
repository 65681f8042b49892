import { isIPv6 } from 'node:net';
import { SystemError } from '../../fd/systemError.ts';
import { describe } from '../../sys/argument.ts';
import {
  AF_INET6,
  bind,
  connect,
  EINTR,
  encodeSockaddr,
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
import { aBoolean, anInteger, aString } from '../../sys/optionKind.ts';
import { type OptionsReader, optionsReader } from '../../sys/optionsReader.ts';
import { aFamily } from '../address/resolve.ts';
import { socketKinds } from '../core/optionKinds.ts';
import type { SocketOptions } from '../core/socket.ts';
import { bindAdvice } from '../core/bindAdvice.ts';
import { inetSockaddr } from '../address/inetAddress.ts';
import { around, newSocket } from '../core/madeSocket.ts';
import { setBooleanOption } from '../core/socketOption.ts';

/** How a `UdpSocket` is bound. */
export interface UdpBindOptions extends SocketOptions {
  /**
   * An IP address of this machine; all of them by default. A multicast group's own address receives only what is sent
   * to it.
   */
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

/** @throws {TypeError | RangeError} for a wrong option */
export const readUdpOptions: OptionsReader<UdpBindOptions> = optionsReader<UdpBindOptions>('bind', '{ port: 5353 }', {
  ...socketKinds,
  address: aString,
  port: anInteger(0, 0xffff),
  family: aFamily,
  reusePort: aBoolean,
  reuseAddress: aBoolean,
  broadcast: aBoolean,
  ipv6Only: aBoolean,
});

const option = (level: number, number: number, name: string) => ({ level, option: number, name });

/** A new UDP socket, bound. @throws {SystemError | TypeError | RangeError} */
export function boundUdp(options: UdpBindOptions): { fd: number; family: 4 | 6; remote: null; own: SocketOptions } {
  const { address, port = 0, family = address !== undefined && isIPv6(address) ? 6 : 4 } = options;
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
    return { fd, family, remote: null, own: options };
  });
}

/** AF_UNSPEC: what a socket connects to that goes back to receiving from everyone. */
export const nobody: Uint8Array = new Uint8Array(16);

/** connect(2) of a UDP socket, which sends nothing and waits for nothing. @returns 0, or -errno */
export function connectUdp(fd: number, address: Uint8Array): number {
  for (;;) {
    const answer = connect(fd, address);
    // A tracer or a sandbox may answer for the kernel.
    if (answer !== -EINTR) return answer;
  }
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
