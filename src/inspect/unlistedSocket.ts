import { unixNameText } from '../sys/abi/sockaddr.ts';
import {
  AF_INET,
  AF_INET6,
  AF_NETLINK,
  AF_UNIX,
  getpeername,
  getsockname,
  getsockopt,
  SO_ACCEPTCONN,
  SO_DOMAIN,
  SO_PROTOCOL,
  SO_TYPE,
  type Sockaddr,
  SockaddrBuffer,
  SOCK_DGRAM,
  SOCK_SEQPACKET,
  SOCK_STREAM,
  SOL_SOCKET,
} from '../sys/index.ts';
import { netlinkFamily } from './parse/procNetNetlink.ts';
import type { InetAddress, InetSocketTarget, Target } from './target.ts';

const AF_PACKET = 17;

const inetKinds: ReadonlyMap<number, InetSocketTarget['kind']> = new Map([
  [1, 'icmp'],
  [6, 'tcp'],
  [17, 'udp'],
  [58, 'icmp'],
  [136, 'udplite'],
]);

/**
 * What a socket is that `/proc/PID/net` does not list, asked of a duplicate: one that is neither bound nor connected,
 * and one of another network namespace than its process is in.
 */
export function describeUnlisted(copy: number, inode: string): Target {
  const domain = option(copy, SO_DOMAIN);
  const protocol = option(copy, SO_PROTOCOL);
  switch (domain) {
    case AF_INET:
    case AF_INET6:
      return describeInet(copy, inode, inetKinds.get(protocol) ?? 'raw');
    case AF_UNIX:
      return describeUnix(copy, inode);
    case AF_NETLINK:
      return { kind: 'netlink', inode, detail: netlinkFamily(protocol) };
    case AF_PACKET:
      return { kind: 'packet', inode, detail: null };
    default:
      return { kind: 'socket', inode, detail: domain < 0 ? null : `family ${domain}` };
  }
}

function describeInet(copy: number, inode: string, kind: InetSocketTarget['kind']): Target {
  const local = inetAddress(name(copy, getsockname)) ?? { address: '0.0.0.0', port: 0 };
  const peer = inetAddress(name(copy, getpeername));
  const isStream = kind === 'tcp';
  const listens = option(copy, SO_ACCEPTCONN) === 1;
  const state = listens ? 'LISTEN' : peer !== null ? 'ESTABLISHED' : isStream ? 'CLOSE' : 'UNCONNECTED';
  return { kind, inode, local, peer, state };
}

function describeUnix(copy: number, inode: string): Target {
  const type = option(copy, SO_TYPE);
  const peer = name(copy, getpeername);
  const listens = option(copy, SO_ACCEPTCONN) === 1;
  return {
    kind: 'unix',
    inode,
    type:
      type === SOCK_STREAM
        ? 'stream'
        : type === SOCK_DGRAM
          ? 'dgram'
          : type === SOCK_SEQPACKET
            ? 'seqpacket'
            : 'unknown',
    local: unixName(name(copy, getsockname)),
    peer: unixName(peer),
    peerInode: null,
    peerHolders: [],
    state: listens ? 'LISTEN' : peer === null ? 'UNCONNECTED' : 'ESTABLISHED',
  };
}

function option(copy: number, which: number): number {
  const value = Buffer.alloc(4);
  return getsockopt(copy, SOL_SOCKET, which, value) < 0 ? -1 : value.readInt32LE(0);
}

function name(copy: number, call: typeof getsockname): Sockaddr | null {
  const buffer = new SockaddrBuffer();
  return call(copy, buffer) < 0 ? null : buffer.decode();
}

function inetAddress(address: Sockaddr | null): InetAddress | null {
  return address === null || address.family === AF_UNIX ? null : { address: address.address, port: address.port };
}

function unixName(address: Sockaddr | null): string | null {
  if (address === null || address.family !== AF_UNIX || address.path === '') return null;
  return unixNameText(address.path);
}
