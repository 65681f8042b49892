import { readlinkSync } from 'node:fs';
import { AF_NETLINK, close, recv, send, SOCK_CLOEXEC, SOCK_RAW, socket } from '../sys/index.ts';
import {
  decodeUnixDiagAnswer,
  encodeUnixDiagRequest,
  sockDiagProtocol,
  type UnixDiagSocket,
} from '../sys/abi/unixDiag.ts';
import { type InetRow, parseProcNetInet } from './parse/procNetInet.ts';
import { parseProcNetNetlink, parseProcNetPacket } from './parse/procNetNetlink.ts';
import { parseProcNetUnix, type UnixRow, unixTypes } from './parse/procNetUnix.ts';
import { readProc } from './readProc.ts';
import type { InetSocketTarget } from './target.ts';

const inetTables: readonly (readonly [string, InetSocketTarget['kind']])[] = [
  ['tcp', 'tcp'],
  ['tcp6', 'tcp'],
  ['udp', 'udp'],
  ['udp6', 'udp'],
  ['udplite', 'udplite'],
  ['udplite6', 'udplite'],
  ['icmp', 'icmp'],
  ['icmp6', 'icmp'],
  ['raw', 'raw'],
  ['raw6', 'raw'],
];

/** A row with the table it is from. */
export type FoundInetRow = InetRow & { readonly kind: InetSocketTarget['kind'] };

/**
 * The sockets of a process's network namespace, which need not be ours: `/proc/PID/net`. Each table is read when it is
 * first needed.
 */
export class SocketTables {
  readonly #pid: number;
  #inet: ReadonlyMap<string, FoundInetRow> | undefined;
  #unix: ReadonlyMap<string, UnixRow> | undefined;
  #netlink: ReadonlyMap<string, string> | undefined;
  #packet: ReadonlySet<string> | undefined;
  #diag: ReadonlyMap<string, UnixDiagSocket> | null | undefined;

  constructor(pid: number) {
    this.#pid = pid;
  }

  inet(inode: string): FoundInetRow | undefined {
    this.#inet ??= new Map(
      inetTables.flatMap(([file, kind]) =>
        parseProcNetInet(this.#read(file)).map((row) => [row.inode, { ...row, kind }] as const),
      ),
    );
    return this.#inet.get(inode);
  }

  /** A unix socket: what the kernel says of it, and only where it does not answer, the table that names can forge. */
  unix(inode: string): UnixRow | undefined {
    const asked = this.#asked;
    if (asked !== null) {
      const found = asked.get(inode);
      return found === undefined ? undefined : rowOf(found);
    }
    this.#unix ??= new Map(parseProcNetUnix(this.#read('unix')).map((row) => [row.inode, row]));
    return this.#unix.get(inode);
  }

  /** The inode of the other end of a unix socket; undefined: it has none, or the kernel did not tell. */
  unixPeer(inode: string): string | undefined {
    return this.#asked?.get(inode)?.peer?.toString();
  }

  get #asked(): ReadonlyMap<string, UnixDiagSocket> | null {
    return (this.#diag ??= sameNetwork(this.#pid) ? askUnixSockets() : null);
  }

  netlink(inode: string): string | undefined {
    this.#netlink ??= parseProcNetNetlink(this.#read('netlink'));
    return this.#netlink.get(inode);
  }

  isPacket(inode: string): boolean {
    this.#packet ??= parseProcNetPacket(this.#read('packet'));
    return this.#packet.has(inode);
  }

  #read(file: string): string {
    return readProc(`/proc/${this.#pid}/net/${file}`) ?? '';
  }
}

// NETLINK_SOCK_DIAG answers for the namespace of the asking process only.
function sameNetwork(pid: number): boolean {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`) === readlinkSync('/proc/self/ns/net');
  } catch {
    return false;
  }
}

function askUnixSockets(): ReadonlyMap<string, UnixDiagSocket> | null {
  const fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, sockDiagProtocol);
  if (fd < 0) return null;
  try {
    if (send(fd, encodeUnixDiagRequest(), 0) < 0) return null;
    const sockets = new Map<string, UnixDiagSocket>();
    const buffer = new Uint8Array(0x10000);
    for (;;) {
      // The answer is made while it is read, so this does not wait for anybody.
      const length = recv(fd, buffer, 0);
      if (length <= 0) return null;
      const answer = decodeUnixDiagAnswer(buffer.subarray(0, length));
      for (const found of answer.sockets) sockets.set(String(found.inode), found);
      if (answer.done) return answer.error < 0 ? null : sockets;
    }
  } finally {
    close(fd);
  }
}

// enum of include/net/tcp_states.h, which unix sockets use, too.
const TCP_ESTABLISHED = 1;
const TCP_LISTEN = 10;

function rowOf({ inode, type, state, name }: UnixDiagSocket): UnixRow {
  return {
    inode: String(inode),
    type: unixTypes.get(type) ?? 'unknown',
    state: state === TCP_LISTEN ? 'LISTEN' : state === TCP_ESTABLISHED ? 'ESTABLISHED' : 'UNCONNECTED',
    name: name === null ? null : nameText(Buffer.from(name)),
  };
}

// As `/proc/net/unix` prints them: the NULs of an abstract name as '@'. The NUL at the end of a path is counted.
function nameText(name: Buffer): string {
  return name[0] === 0 ? name.toString().replaceAll('\0', '@') : name.toString().replace(/\0+$/, '');
}
