import { lstatSync, statSync } from 'node:fs';
import { describeInotify } from './inotifyPaths.ts';
import { parseEventfdFdinfo } from './parse/eventfdFdinfo.ts';
import { parseFdLink } from './parse/fdLink.ts';
import { parsePidfdFdinfo } from './parse/pidfdFdinfo.ts';
import { parseProcStat } from './parse/procStat.ts';
import { parseSignalfdFdinfo } from './parse/signalfdFdinfo.ts';
import { parseTimerfdFdinfo } from './parse/timerfdFdinfo.ts';
import type { ProcessTable } from './processTable.ts';
import { readProc } from './readProc.ts';
import type { SocketTables } from './socketTables.ts';
import type { Holder, InetSocketTarget, OtherSocketTarget, PipeTarget, Target, UnixSocketTarget } from './target.ts';

/** Where the facts about descriptors come from. */
export interface Sources {
  readonly sockets: SocketTables;
  /** null: other processes were not asked for. */
  readonly table: ProcessTable | null;
}

// include/net/tcp_states.h
const tcpStates = [
  'ESTABLISHED',
  'SYN_SENT',
  'SYN_RECV',
  'FIN_WAIT1',
  'FIN_WAIT2',
  'TIME_WAIT',
  'CLOSE',
  'CLOSE_WAIT',
  'LAST_ACK',
  'LISTEN',
  'CLOSING',
  'NEW_SYN_RECV',
];

/** What a descriptor of a process refers to. */
export function describeTarget({ pid, fd }: Pick<Holder, 'pid' | 'fd'>, link: string, sources: Sources): Target {
  const parsed = parseFdLink(link);
  switch (parsed.type) {
    case 'socket':
      return describeSocket(parsed.inode, sources);
    case 'pipe':
      return describePipe({ kind: 'pipe', inode: parsed.inode, path: null }, { pid, fd, link }, sources);
    case 'path':
      return describePath(parsed.path, { pid, fd, link }, sources);
    case 'anonymous':
      return describeAnonymous(parsed.name, pid, fd);
  }
}

/** What a socket is, by its inode alone. */
export function describeSocket(
  inode: string,
  { sockets, table }: Sources,
): InetSocketTarget | UnixSocketTarget | OtherSocketTarget {
  const inet = sockets.inet(inode);
  if (inet !== undefined) {
    const { kind, local, remote, state } = inet;
    const name = tcpStates[state - 1] ?? `state ${state}`;
    const connected = remote.port !== 0 || !/^(?:0\.0\.0\.0|::)$/.test(remote.address);
    return {
      kind,
      inode,
      local,
      peer: connected ? remote : null,
      state: kind !== 'tcp' && name === 'CLOSE' ? 'UNCONNECTED' : name,
    };
  }
  const unix = sockets.unix(inode);
  if (unix !== undefined) {
    const peerInode = sockets.unixPeer(inode) ?? null;
    return {
      kind: 'unix',
      inode,
      type: unix.type,
      local: unix.name,
      peer: peerInode === null ? null : (sockets.unix(peerInode)?.name ?? null),
      peerInode,
      peerHolders: peerInode === null ? [] : (table?.holders(`socket:[${peerInode}]`) ?? []),
      state: unix.state,
    };
  }
  const family = sockets.netlink(inode);
  if (family !== undefined) return { kind: 'netlink', inode, detail: family };
  if (sockets.isPacket(inode)) return { kind: 'packet', inode, detail: null };
  return { kind: 'socket', inode, detail: null };
}

type Place = Pick<Holder, 'pid' | 'fd'> & { readonly link: string };

function describePipe(base: Pick<PipeTarget, 'kind' | 'inode' | 'path'>, place: Place, { table }: Sources): PipeTarget {
  const end = endOf(place);
  const peerHolders = (table?.holders(place.link) ?? []).filter(({ pid, fd }) => {
    const other = endOf({ pid, fd });
    return other !== 'unknown' && (other === 'both' || other !== end) && !(pid === place.pid && fd === place.fd);
  });
  return { ...base, end, peerHolders };
}

// The permission bits of the link itself say how the descriptor was opened (proc_pid_fd(5)).
function endOf({ pid, fd }: Pick<Holder, 'pid' | 'fd'>): PipeTarget['end'] {
  try {
    const mode = lstatSync(`/proc/${pid}/fd/${fd}`).mode;
    const read = (mode & 0o400) !== 0;
    const write = (mode & 0o200) !== 0;
    if (read && write) return 'both';
    return read ? 'read' : write ? 'write' : 'unknown';
  } catch {
    return 'unknown';
  }
}

function describePath(path: string, place: Place, sources: Sources): Target {
  const isTerminal = /^\/dev\/(?:tty|pts\/|ptmx|console|hvc|vc\/)/.test(path);
  if (isTerminal) return { kind: 'tty', path };
  try {
    const stat = statSync(`/proc/${place.pid}/fd/${place.fd}`);
    if (stat.isFIFO()) return describePipe({ kind: 'fifo', inode: String(stat.ino), path }, place, sources);
    if (stat.isCharacterDevice() || stat.isBlockDevice()) return { kind: 'device', path };
  } catch {
    // Closed in between.
  }
  return { kind: 'file', path };
}

function describeAnonymous(name: string, pid: number, fd: number): Target {
  const info = (): string => readProc(`/proc/${pid}/fdinfo/${fd}`) ?? '';
  switch (name) {
    case '[eventpoll]':
      return { kind: 'epoll' };
    case '[eventfd]':
      return parseEventfdFdinfo(info());
    case '[timerfd]':
      return parseTimerfdFdinfo(info());
    case '[signalfd]':
      return parseSignalfdFdinfo(info());
    case 'inotify':
      return describeInotify(pid, info());
    case '[pidfd]':
      return describePidfd(parsePidfdFdinfo(info()));
    default:
      return { kind: 'anonymous', name };
  }
}

function describePidfd(pid: number | null): Target {
  const stat = pid === null ? null : parseProcStat(readProc(`/proc/${pid}/stat`) ?? '');
  return { kind: 'pidfd', pid, name: stat?.name ?? null };
}
