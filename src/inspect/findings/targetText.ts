import type { InetAddress, Target } from '../target.ts';

/** A target in a few words: `'tcp 127.0.0.1:80 ← 127.0.0.1:4711'`. The names in it come from outside, as they are. */
export function targetText(target: Target): string {
  switch (target.kind) {
    case 'tcp':
    case 'udp':
    case 'udplite':
    case 'icmp':
    case 'raw':
      return ipText(target);
    case 'unix':
      return unixText(target);
    case 'netlink':
    case 'packet':
    case 'socket':
      return `${target.kind}${target.detail === null ? '' : ` ${target.detail}`} socket:[${target.inode}]`;
    case 'pipe':
    case 'fifo':
      return (
        `${target.kind === 'fifo' ? `fifo ${target.path}` : `pipe:[${target.inode}]`} ${target.end} ` +
        `end${holdersText(target.peerHolders)}`
      );
    case 'eventfd':
      return `eventfd count ${target.count ?? '?'}${target.semaphore === true ? ' semaphore' : ''}`;
    case 'timerfd':
      return timerText(target);
    case 'signalfd':
      return `signalfd ${target.signals === null ? '?' : target.signals.join(' ')}`;
    case 'inotify':
      return `inotify ${inotifyText(target)}`;
    case 'pidfd':
      return pidText(target);
    case 'epoll':
      return 'epoll';
    case 'tty':
    case 'device':
    case 'file':
      return `${target.kind} ${target.path}`;
    case 'anonymous':
      return target.name;
    case 'unknown':
      return 'unknown';
  }
}

type IpTarget = Extract<Target, { kind: 'tcp' | 'udp' | 'udplite' | 'icmp' | 'raw' }>;

function ipText({ kind, local, peer, state }: IpTarget): string {
  const other = peer === null ? '' : ` ↔ ${inetText(peer)}`;
  return `${kind} ${inetText(local)}${other}${state === 'UNCONNECTED' ? '' : ` ${state}`}`;
}

function pidText({ pid, name }: Extract<Target, { kind: 'pidfd' }>): string {
  if (pid === null) return 'pidfd of a process that is gone';
  return `pidfd ${pid}${name === null ? '' : ` (${name})`}`;
}

function inetText({ address, port }: InetAddress): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

function unixText({ type, local, peer, peerInode, peerHolders, state }: Extract<Target, { kind: 'unix' }>): string {
  const other = peer ?? (peerInode === null ? '' : `socket:[${peerInode}]`);
  const names = [local ?? '', other === '' ? '' : `↔ ${other}`].filter((part) => part !== '').join(' ');
  return `unix ${type}${names === '' ? '' : ` ${names}`}${holdersText(peerHolders)} ${state}`;
}

function holdersText(holders: readonly { readonly pid: number; readonly name: string; readonly fd: number }[]): string {
  const [first, ...rest] = holders;
  if (first === undefined) return '';
  return ` ↔ ${first.name}(${first.pid}) fd ${first.fd}${rest.length === 0 ? '' : ` and ${rest.length} more`}`;
}

function timerText({ clock, ticks, remainingNs, intervalNs }: Extract<Target, { kind: 'timerfd' }>): string {
  if (clock === null || remainingNs === null) return 'timerfd ?';
  const left = remainingNs === '0' ? 'not armed' : `in ${seconds(remainingNs)}`;
  const every = intervalNs === null || intervalNs === '0' ? '' : ` every ${seconds(intervalNs)}`;
  return (
    `timerfd ${clock.replace('CLOCK_', '').toLowerCase()} ${left}${every}` + (ticks === '0' ? '' : ` ticks ${ticks}`)
  );
}

function seconds(ns: string): string {
  return `${(Number(ns) / 1e9).toFixed(3)} s`;
}

function inotifyText({ watches }: Extract<Target, { kind: 'inotify' }>): string {
  const shown = watches.slice(0, 3).map(({ path, inode }) => path ?? `inode ${inode}`);
  const more = watches.length - shown.length;
  return `${watches.length === 0 ? 'no watches' : shown.join(' ')}${more > 0 ? ` and ${more} more` : ''}`;
}
