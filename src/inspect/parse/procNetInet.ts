import type { InetAddress } from '../target.ts';

/** A line of `/proc/PID/net/tcp`, `udp`, `raw` and their likes. */
export interface InetRow {
  readonly inode: string;
  readonly local: InetAddress;
  readonly remote: InetAddress;
  /** The number of the state: 1 established, 7 closed (which for a datagram socket is: not connected), 10 listening. */
  readonly state: number;
  /** Bytes in the send queue; for a TCP listener, nothing. */
  readonly txQueue: number;
  /** Bytes in the receive queue; for a TCP listener, connections that wait to be accepted. */
  readonly rxQueue: number;
}

const address = '([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4})';
// Slot, both addresses, state, send and receive queue, timer, retransmits, user, timeout, inode.
const row = new RegExp(
  `^\\s*\\d+: ${address} ${address} ([0-9A-F]{2}) ([0-9A-F]{8}):([0-9A-F]{8}) \\S+ \\S+\\s+\\d+\\s+\\d+ (\\d+)`,
);

/**
 * Reads a table of `/proc/PID/net`. Addresses are printed there as words of 32 bits in the CPU's byte order, which is
 * little-endian on every CPU that this package runs on. Rows without an inode (TIME_WAIT) are left out.
 */
export function parseProcNetInet(text: string): InetRow[] {
  const rows: InetRow[] = [];
  for (const line of text.split('\n')) {
    const match = row.exec(line);
    if (match === null) continue;
    const [, local = '', localPort = '', remote = '', remotePort = '', state = '', tx = '', rx = '', inode = '0'] =
      match;
    if (inode === '0') continue;
    rows.push({
      inode,
      local: { address: addressOf(local), port: Number.parseInt(localPort, 16) },
      remote: { address: addressOf(remote), port: Number.parseInt(remotePort, 16) },
      state: Number.parseInt(state, 16),
      txQueue: Number.parseInt(tx, 16),
      rxQueue: Number.parseInt(rx, 16),
    });
  }
  return rows;
}

function addressOf(hex: string): string {
  const bytes = Buffer.from(hex, 'hex');
  for (let at = 0; at < bytes.byteLength; at += 4) bytes.subarray(at, at + 4).reverse();
  return bytes.byteLength === 4 ? bytes.join('.') : ipv6(bytes);
}

function ipv6(bytes: Buffer): string {
  // An IPv4 peer of an IPv6 socket: written as people know it.
  if (bytes.readUInt32BE(8) === 0xffff && bytes.readBigUInt64BE(0) === 0n)
    return `::ffff:${bytes.subarray(12).join('.')}`;
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(index * 2).toString(16));
  const [longest = ''] = [...groups.join(':').matchAll(/(?:^|:)0(?::0)+(?=:|$)/g)]
    .map(([run]) => run)
    .toSorted((a, b) => b.replaceAll(':', '').length - a.replaceAll(':', '').length);
  if (longest === '') return groups.join(':');
  const text = groups.join(':').replace(longest, '::').replace(':::', '::');
  return text;
}
