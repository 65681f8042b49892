import type { UnixSocketTarget } from '../target.ts';

/** A unix socket of a network namespace. */
export interface UnixRow {
  readonly inode: string;
  readonly type: UnixSocketTarget['type'];
  readonly state: UnixSocketTarget['state'];
  /** A path; `@name` for an abstract name, whose NULs the kernel prints as `@`; null for none. */
  readonly name: string | null;
}

/** SOCK_STREAM and the like, by number. */
export const unixTypes: ReadonlyMap<number, UnixSocketTarget['type']> = new Map([
  [1, 'stream'],
  [2, 'dgram'],
  [5, 'seqpacket'],
]);
// linux/net.h, enum socket_state.
const states: ReadonlyMap<number, UnixSocketTarget['state']> = new Map([
  [1, 'UNCONNECTED'],
  [2, 'CONNECTING'],
  [3, 'ESTABLISHED'],
  [4, 'DISCONNECTING'],
]);
// __SO_ACCEPTCON
const acceptsConnections = 0x10000;

const row = /^[0-9a-f]+: [0-9A-F]{8} [0-9A-F]{8} ([0-9A-F]{8}) ([0-9A-F]{4}) ([0-9A-F]{2})\s+(\d+)(?: (.*))?$/is;

/**
 * Reads `/proc/PID/net/unix`. The kernel prints names as they are, so one with a line break can forge a row: an inode
 * that has two is left out, as nobody can say which is true.
 */
export function parseProcNetUnix(text: string): UnixRow[] {
  const rows = new Map<string, UnixRow | null>();
  for (const line of text.split('\n')) {
    const match = row.exec(line);
    if (match === null) continue;
    const [, flags = '', type = '', state = '', inode = '', name = ''] = match;
    const listens = (Number.parseInt(flags, 16) & acceptsConnections) !== 0;
    const twice = rows.has(inode) && inode !== '0';
    const found: UnixRow = {
      inode,
      type: unixTypes.get(Number.parseInt(type, 16)) ?? 'unknown',
      state: listens ? 'LISTEN' : (states.get(Number.parseInt(state, 16)) ?? 'unknown'),
      name: name === '' ? null : name,
    };
    rows.set(inode, twice ? null : found);
  }
  return [...rows.values()].filter((found) => found !== null);
}
