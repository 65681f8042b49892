import { readlinkSync } from 'node:fs';
import { fileSystemType } from '../fd/fileSystemType.ts';
import { pollNow } from '../fd/pollNow.ts';
import { decodeTcpCounters, tcpInfoSize } from '../sys/abi/tcpInfo.ts';
import {
  close,
  FIONREAD,
  getsockopt,
  ioctl,
  IPPROTO_TCP,
  POLLIN,
  POLLOUT,
  POLLPRI,
  POLLRDHUP,
  TCP_INFO,
  TIOCOUTQ,
} from '../sys/index.ts';
import { parseFdLink } from './parse/fdLink.ts';
import type { Backlog } from './processSnapshot.ts';
import type { Target } from './target.ts';

const safeAnonymous: ReadonlySet<string> = new Set(['[eventfd]', '[timerfd]', '[pidfd]', 'inotify', '[fanotify]']);

const word = new Uint8Array(4);
const wordView = new DataView(word.buffer);
const tcpInfo = new Uint8Array(tcpInfoSize);

/**
 * Whether poll(2) by another process leaves the file as it is, and tells what its owner would be told.
 *
 * Not so for pressure-stall files, `/proc/PID/mounts`, sysctl files and perf events, whose poll method uses the event
 * up; for a signalfd, which answers with the signals of the asking process; for an epoll instance, which asks its own
 * entries; for FUSE, which asks a daemon; and for what is not known here.
 */
export function isSafeToPoll(link: string, fd: number, pid: number): boolean {
  const parsed = parseFdLink(link);
  if (parsed.type === 'socket' || parsed.type === 'pipe') return true;
  if (parsed.type === 'anonymous') return safeAnonymous.has(parsed.name);
  try {
    const type = fileSystemType(fd, pid);
    if (type === undefined || type === 'proc' || type.startsWith('fuse')) return false;
    return type !== 'cgroup2' || !readlinkSync(`/proc/${pid}/fd/${fd}`).endsWith('.pressure');
  } catch {
    return false;
  }
}

/** What poll(2) and ioctl(2) say of a descriptor. */
export interface Readiness {
  /** EPOLLIN, PRI, OUT, ERR, HUP and RDHUP, as far as they are true. */
  readonly condition: number;
  readonly backlog: Backlog | null;
}

/** Asks a duplicate, and closes it. Nothing is read from it, and nothing waits on it. */
export function askAndClose(copy: number, target: Target): Readiness {
  try {
    const answer = pollNow(copy, POLLIN | POLLPRI | POLLOUT | POLLRDHUP);
    return { condition: Math.max(0, answer), backlog: backlogOf(copy, target) };
  } finally {
    close(copy);
  }
}

function backlogOf(fd: number, target: Target): Backlog | null {
  switch (target.kind) {
    case 'tcp': {
      const counters = getsockopt(fd, IPPROTO_TCP, TCP_INFO, tcpInfo) < tcpInfoSize ? null : decodeTcpCounters(tcpInfo);
      return {
        unread: number(fd, FIONREAD),
        unsent: number(fd, TIOCOUTQ),
        received: counters?.received ?? null,
        acknowledged: counters?.acknowledged ?? null,
      };
    }
    case 'unix':
    case 'udp':
      return { unread: number(fd, FIONREAD), unsent: number(fd, TIOCOUTQ), received: null, acknowledged: null };
    case 'pipe':
    case 'fifo':
    case 'tty':
    case 'inotify':
      return { unread: number(fd, FIONREAD), unsent: null, received: null, acknowledged: null };
    default:
      return null;
  }
}

function number(fd: number, request: number): number | null {
  word.fill(0);
  return ioctl(fd, request, word) < 0 ? null : wordView.getInt32(0, true);
}
