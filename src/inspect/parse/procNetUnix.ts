import type { UnixSocketTarget } from '../target.ts';

/** A line of `/proc/PID/net/unix`. */
export interface UnixRow {
  readonly inode: string;
  readonly type: UnixSocketTarget['type'];
  readonly state: UnixSocketTarget['state'];
  /** A path; `@name` for an abstract name, whose NULs the kernel prints as `@`; null for none. */
  readonly name: string | null;
}

const types: ReadonlyMap<number, UnixSocketTarget['type']> = new Map([
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

/** Reads `/proc/PID/net/unix`. */
export function parseProcNetUnix(text: string): UnixRow[] {
  const rows: UnixRow[] = [];
  for (const line of text.split('\n')) {
    const match = row.exec(line);
    if (match === null) continue;
    const [, flags = '', type = '', state = '', inode = '', name = ''] = match;
    const listens = (Number.parseInt(flags, 16) & acceptsConnections) !== 0;
    rows.push({
      inode,
      type: types.get(Number.parseInt(type, 16)) ?? 'unknown',
      state: listens ? 'LISTEN' : (states.get(Number.parseInt(state, 16)) ?? 'unknown'),
      name: name === '' ? null : name,
    });
  }
  return rows;
}
