import { EPOLLERR, EPOLLHUP, EPOLLIN, EPOLLOUT, EPOLLRDHUP, formatEvents } from '../../sys/index.ts';
import type { InspectedEntry } from '../processSnapshot.ts';
import type { CpuUse } from './cpuUse.ts';
import type { Finding } from './finding.ts';
import type { History } from './history.ts';
import { targetText } from './targetText.ts';

// A thread that sleeps between events is far below; a spinning one is at 1 less what the looks themselves take.
const busyShare = 0.2;
// A thread that computes, and so has no time for its events, makes no system calls; one that spins makes hardly
// anything else.
const systemShare = 0.05;

const streams: ReadonlySet<string> = new Set(['tcp', 'unix', 'udp', 'pipe', 'fifo', 'tty']);

/** The one thing that is wrong with what an entry reports; needs two looks. */
export function readyState(history: History, [busiest]: readonly CpuUse[]): Finding | null {
  if (history.looks.length < 2 || history.looks.some(({ armed }) => !armed)) return null;
  const cpu = busiest !== undefined && busiest.busy >= busyShare ? busiest : null;
  return pending(history, cpu) ?? outIdle(history, cpu) ?? spin(history, cpu) ?? edgeStall(history);
}

/** HUP or ERR at every look. */
function pending(history: History, cpu: CpuUse | null): Finding | null {
  const { instance, entry } = history;
  // A sysfs attribute reports EPOLLERR with every EPOLLPRI, and a signalfd, eventfd or timerfd has neither.
  if (!streams.has(entry.target.kind) && entry.target.kind !== 'pidfd') return null;
  const standing = always(history) & (EPOLLERR | EPOLLHUP);
  if (standing === 0) return null;
  const isError = (standing & EPOLLERR) !== 0;
  return {
    code: isError ? 'err-pending' : 'hup-pending',
    epfd: instance.fd,
    fd: entry.fd,
    evidence: `${lookText(history)}: ${formatEvents(always(history))}${cpuText(cpu)}`,
    why:
      `${formatEvents(standing)} is reported whether it was asked for or not` +
      (entry.trigger === 'level'
        ? ', at every epoll_wait until the descriptor is closed or removed: ' +
          'with nothing that consumes it, that is a loop at full speed'
        : ', once; what is not closed then stays open for good'),
    advice: isError
      ? 'Read the error (getsockopt SO_ERROR, or the next read or write), then close the descriptor'
      : 'The other end is gone: read what is left, remove the entry and close the descriptor',
  };
}

/** Level-triggered EPOLLOUT on something that can be written and is not. */
function outIdle(history: History, cpu: CpuUse | null): Finding | null {
  const { instance, entry, looks } = history;
  if (entry.trigger !== 'level' || !streams.has(entry.target.kind) || (always(history) & EPOLLOUT) === 0) return null;
  const idle =
    looks.every(({ backlog }) => (backlog?.unsent ?? 0) === 0) &&
    isSame(looks, ({ backlog }) => backlog?.acknowledged ?? null);
  if (!idle) return null;
  return {
    code: 'out-idle',
    epfd: instance.fd,
    fd: entry.fd,
    evidence: `${lookText(history)}: writable, with nothing to send${cpuText(cpu)}`,
    why:
      'A socket or pipe is writable nearly always, so a level-triggered EPOLLOUT makes every epoll_wait return ' +
      'at once',
    advice: 'Ask for EPOLLOUT only after a write gave EAGAIN, and take it back when all is written; or use EPOLLET',
  };
}

/** Level-triggered, ready, and not taken while a thread goes round and round. */
function spin(history: History, cpu: CpuUse | null): Finding | null {
  const { instance, entry } = history;
  const ready = always(history);
  if (cpu === null || cpu.system < systemShare || entry.trigger !== 'level' || ready === 0 || !isUntaken(history))
    return null;
  return {
    code: 'spin',
    epfd: instance.fd,
    fd: entry.fd,
    evidence: `${lookText(history)}: ${formatEvents(ready)}, ${waitingText(history)}${cpuText(cpu)}`,
    why:
      'A level-triggered entry is reported by every epoll_wait as long as it is ready: ' +
      'what is not taken makes a loop that never sleeps',
    advice:
      'Read until EAGAIN or the end of file, and close at the end of file; ' +
      'while nothing can be taken, remove the entry or take EPOLLIN out of its mask',
  };
}

/** Edge-triggered, with the same unread data at every look. */
function edgeStall(history: History): Finding | null {
  const { instance, entry, looks } = history;
  // An eventfd or timerfd that wakes a loop is often never read: with EPOLLET each write is an edge of its own.
  if (entry.trigger !== 'edge' || !streams.has(entry.target.kind) || (always(history) & EPOLLIN) === 0) return null;
  const unread = entry.backlog?.unread ?? 0;
  if (unread === 0 || !isUntaken(history) || looks.some(({ backlog }) => backlog?.unread !== unread)) return null;
  return {
    code: 'edge-stall',
    epfd: instance.fd,
    fd: entry.fd,
    evidence: `${lookText(history)}: ${waitingText(history)}`,
    why:
      'An edge-triggered entry is reported when something new comes in, not for what is left: ' +
      'if the peer waits for an answer first, both wait for ever',
    advice:
      'Read (or accept) until EAGAIN at every event; ' +
      'a reader that stops on purpose must go on by itself, or arm the entry again with EPOLL_CTL_MOD',
  };
}

/** The bits that the entry would have reported at every look. */
function always({ looks }: History): number {
  return looks.reduce((mask, { ready }) => mask & (ready ?? 0), 0xffff_ffff) >>> 0;
}

/** Whether what can be read is the same at every look: nobody took of it, and nothing came. */
function isUntaken({ looks }: History): boolean {
  const same =
    isSame(looks, ({ backlog }) => backlog?.unread ?? null) &&
    isSame(looks, ({ backlog }) => backlog?.received ?? null);
  return same && isSame(looks, ({ target }) => (target.kind === 'eventfd' ? target.count : null));
}

function isSame(looks: History['looks'], value: (entry: InspectedEntry) => unknown): boolean {
  const first = value(looks[0]);
  return looks.every((look) => value(look) === first);
}

function lookText({ entry, looks, forMs }: History): string {
  return `${targetText(entry.target)}, at each of ${looks.length} looks in ${Math.round(forMs)} ms`;
}

function waitingText(history: History): string {
  const { entry } = history;
  const unread = entry.backlog?.unread ?? null;
  if (entry.target.kind === 'tcp' && entry.target.state === 'LISTEN')
    return `${unread ?? 'some'} connections wait to be accepted`;
  if (unread !== null && unread > 0) return `${unread} bytes unread`;
  if ((always(history) & EPOLLRDHUP) !== 0 || (unread === 0 && streams.has(entry.target.kind)))
    return 'the end of file is not taken';
  return 'the same each time';
}

function cpuText(cpu: CpuUse | null): string {
  return cpu === null ? '' : `; thread ${cpu.tid} (${cpu.name}) was busy ${Math.round(cpu.busy * 100)} % of the time`;
}
