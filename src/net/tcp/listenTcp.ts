import { SystemError } from '../../fd/systemError.ts';
import {
  AF_INET6,
  bind,
  EAFNOSUPPORT,
  encodeSockaddr,
  IPPROTO_IPV6,
  IPV6_V6ONLY,
  listen,
  SO_REUSEADDR,
  SO_REUSEPORT,
  type SockaddrIn,
  type SockaddrIn6,
  SOCK_STREAM,
  SOL_SOCKET,
  SOMAXCONN,
} from '../../sys/index.ts';
import { aBoolean, anInteger, aString } from '../../sys/optionKind.ts';
import { type OptionKinds, type OptionsReader, optionsReader } from '../../sys/optionsReader.ts';
import { inetSockaddr } from '../address/inetAddress.ts';
import { type HostPort, hostPortKinds } from '../address/resolve.ts';
import { bindAdvice } from '../core/bindAdvice.ts';
import { around, newSocket } from '../core/madeSocket.ts';
import { setBooleanOption } from '../core/socketOption.ts';
import { listenerKinds, type ListenerOptions } from '../stream/listener.ts';

/** How a `TcpListener` uses a socket that listens already. */
export interface TcpAttachOptions extends ListenerOptions {
  /** TCP_NODELAY on each accepted connection; true by default. */
  readonly noDelay?: boolean;
}

/** How a `TcpListener` listens. */
export interface TcpListenOptions extends TcpAttachOptions {
  /**
   * An IP address of this machine; `'::'`, all addresses, IPv4 too, by default (`'0.0.0.0'` where the kernel has no
   * IPv6).
   */
  readonly address?: string;
  /** 0, the default: the kernel chooses a free one, see `localAddress`. */
  readonly port?: number;
  /** How many connections may wait to be accepted; the kernel lowers it to net.core.somaxconn. 4096 by default. */
  readonly backlog?: number;
  /**
   * SO_REUSEPORT: several listeners of one user share the port, and the kernel shares the connections out between them.
   */
  readonly reusePort?: boolean;
  /** IPV6_V6ONLY: leave IPv4 to others; false by default. */
  readonly ipv6Only?: boolean;
}

/** How `TcpListener.listen` listens: at a host, which may be a name, in place of an address. */
export interface TcpListenHostOptions extends Omit<TcpListenOptions, 'address' | 'port'>, HostPort {}

const attachKinds: OptionKinds<TcpAttachOptions> = { ...listenerKinds, noDelay: aBoolean };

const shared: OptionKinds<Omit<TcpListenOptions, 'address' | 'port'>> = {
  ...attachKinds,
  backlog: anInteger(0, 0x7fff_ffff),
  reusePort: aBoolean,
  ipv6Only: aBoolean,
};

/** @throws {TypeError | RangeError} for a wrong option */
export const readAttachOptions: OptionsReader<TcpAttachOptions> = optionsReader<TcpAttachOptions>(
  'use a listener',
  '{ noDelay: true }',
  attachKinds,
);

/** @throws {TypeError | RangeError} for a wrong option */
export const readListenOptions: OptionsReader<TcpListenOptions> = optionsReader<TcpListenOptions>(
  'listen',
  '{ port: 8080 }',
  { address: aString, port: anInteger(0, 0xffff), ...shared },
);

/** @throws {TypeError | RangeError} for a wrong option */
export const readListenHostOptions: OptionsReader<TcpListenHostOptions> = optionsReader<TcpListenHostOptions>(
  'listen',
  "{ host: 'localhost', port: 8080 }",
  { ...hostPortKinds, ...shared },
);

const reuseAddress = { level: SOL_SOCKET, option: SO_REUSEADDR, name: 'SO_REUSEADDR' };
const reusePort = { level: SOL_SOCKET, option: SO_REUSEPORT, name: 'reusePort' };
const ipv6Only = { level: IPPROTO_IPV6, option: IPV6_V6ONLY, name: 'ipv6Only' };

/**
 * A new socket that listens.
 *
 * @throws {SystemError} with the `address` and `port`.
 * @throws {TypeError} for what is no IP address
 */
export function listenTcp(options: TcpListenOptions): number {
  const { address, port = 0 } = options;
  const to = inetSockaddr(address ?? '::', port);
  try {
    return listenAt(to, options);
  } catch (error) {
    // A kernel without IPv6: everything there is, is IPv4. Without a free descriptor the same would leave IPv6 out
    // unnoticed.
    if (address !== undefined || !(error instanceof SystemError) || error.errno !== -EAFNOSUPPORT) throw error;
    return listenAt(inetSockaddr('0.0.0.0', port), options);
  }
}

function listenAt(to: SockaddrIn | SockaddrIn6, options: TcpListenOptions): number {
  const fd = newSocket(to.family, SOCK_STREAM);
  return around(fd, () => {
    setBooleanOption(fd, reuseAddress, true);
    if (options.reusePort !== undefined) setBooleanOption(fd, reusePort, options.reusePort);
    if (to.family === AF_INET6) setBooleanOption(fd, ipv6Only, options.ipv6Only ?? false);
    const refuse = (syscall: string, answer: number): void => {
      const subject = { fd, address: to.address, port: to.port };
      if (answer < 0) throw new SystemError(answer, syscall, subject, bindAdvice(answer));
    };
    refuse('bind', bind(fd, encodeSockaddr(to)));
    refuse('listen', listen(fd, options.backlog ?? SOMAXCONN));
    return fd;
  });
}
