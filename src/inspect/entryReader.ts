import { close, EPERM, EPOLLERR, EPOLLET, EPOLLHUP, EPOLLIN, EPOLLONESHOT, ENOSYS, eventNames } from '../sys/index.ts';
import { parseEpollFdinfo } from '../fd/epollEntry.ts';
import { describeSocket, describeTarget, type Sources } from './describeTarget.ts';
import { GhostHolders } from './ghostHolders.ts';
import { GhostFinder, type PlacedEntry } from './ghosts.ts';
import { isRefusal, type OpenProcess } from './openProcess.ts';
import { parseFdLink } from './parse/fdLink.ts';
import { parseProcPending } from './parse/procPending.ts';
import type { InspectedEntry, ProcessSnapshot } from './processSnapshot.ts';
import { askAndClose, isSafeToPoll, type Readiness } from './readiness.ts';
import { readProc } from './readProc.ts';
import type { Holder, OtherSocketTarget, Target } from './target.ts';
import { describeUnlisted } from './unlistedSocket.ts';

/** What was left out while entries were read. */
export interface Refusals {
  /** pidfd_getfd(2) was refused: the -errno. */
  ready: number | null;
  /** kcmp(2) was refused. */
  ghosts: boolean;
  /** There were too many entries to ask kcmp(2) about. */
  late: boolean;
}

/** How entries are read. */
export interface EntryOptions {
  readonly ready: boolean;
  readonly ghosts: boolean | 'exact';
  /** An earlier look: what it says of an eventfd and its likes is taken again where they are not ready. */
  readonly previous: ProcessSnapshot | null;
}

// 10,000 eventfds take about 1,000 on an idle machine, and all else that is to be known of them another 1,000.
const budgets: Readonly<Record<string, number>> = { false: -1, true: 700, exact: Infinity };

// EP_MAX_NESTS
const deepest = 5;

// Reading the fdinfo of each is most of the time of a look.
const costly: ReadonlySet<string> = new Set(['eventfd', 'timerfd', 'signalfd', 'inotify', 'pidfd']);

/** Makes an interest list's raw entries into what is shown of them. */
export class EntryReader {
  readonly #process: OpenProcess;
  readonly #sources: Sources;
  readonly #options: EntryOptions;
  readonly refusals: Refusals = { ready: null, ghosts: false, late: false };
  readonly #targets = new Map<number, Target>();
  readonly #safeInstances = new Map<number, boolean>();
  readonly #before = new Map<number, Target>();

  constructor(process: OpenProcess, sources: Sources, options: EntryOptions) {
    this.#process = process;
    this.#sources = sources;
    this.#options = options;
    for (const { fd, target, ghost } of options.previous?.instances.flatMap(({ entries }) => entries) ?? []) {
      if (ghost !== true && costly.has(target.kind)) this.#before.set(fd, target);
    }
  }

  read(epfd: number, placed: readonly PlacedEntry[], sharers: readonly Holder[]): InspectedEntry[] {
    const { pid, links, stat } = this.#process;
    const finder = new GhostFinder({ pid, fd: epfd }, links, sharers, budgets[String(this.#options.ghosts)] ?? -1);
    const holders = new GhostHolders({ pid, fd: epfd }, stat.name, links, this.#sources.table);
    const entries: InspectedEntry[] = [];
    for (const entry of placed) {
      const ghost = finder.isGhost(entry);
      if (ghost === 'gone') continue;
      const heldBy = ghost === true ? holders.of(entry) : [];
      entries.push(this.#entry(entry, ghost, heldBy));
    }
    this.refusals.ghosts ||= finder.refused;
    this.refusals.late ||= finder.late && this.#options.ghosts !== false;
    return entries;
  }

  #entry(entry: PlacedEntry, ghost: boolean | null, heldBy: readonly Holder[]): InspectedEntry {
    const { fd, events, data, armed, ino } = entry;
    const link = this.#process.links.get(fd);
    const before = ghost === true || link === undefined ? undefined : this.#sameKind(fd, link);
    let target = ghost === true ? this.#ghostTarget(entry, heldBy) : (before ?? this.#target(fd, link));
    const asked = this.#ask(ghost === true ? heldBy.find(({ pid }) => pid === this.#process.pid)?.fd : fd, target);
    const condition = 'notPolled' in asked ? null : asked.condition;
    if (before !== undefined && (condition === null || (condition & EPOLLIN) !== 0)) target = this.#target(fd, link);
    return {
      fd,
      events,
      flags: eventNames(events),
      data: `0x${data.toString(16).padStart(16, '0')}`,
      trigger: triggerOf(events),
      armed,
      ghost,
      heldBy,
      now: ghost === true && link !== undefined ? this.#target(fd, link) : null,
      inode: ino === null ? null : String(ino),
      target,
      ready: condition === null ? null : armed ? condition & (events | EPOLLERR | EPOLLHUP) : 0,
      condition,
      notPolled: 'notPolled' in asked ? asked.notPolled : null,
      backlog: 'notPolled' in asked ? null : asked.backlog,
    };
  }

  #target(fd: number, link: string | undefined): Target {
    if (link === undefined) return { kind: 'unknown' };
    const known = this.#targets.get(fd);
    if (known !== undefined) return known;
    let target = describeTarget({ pid: this.#process.pid, fd }, link, this.#sources);
    if (target.kind === 'socket') target = this.#unlisted(fd, target);
    this.#targets.set(fd, target);
    return target;
  }

  #unlisted(fd: number, target: OtherSocketTarget): Target {
    const copy = this.#options.ready ? this.#process.copy(fd) : -EPERM;
    if (copy < 0) return target;
    try {
      return describeUnlisted(copy, target.inode);
    } finally {
      close(copy);
    }
  }

  #sameKind(fd: number, link: string): Target | undefined {
    const before = this.#before.get(fd);
    return before !== undefined && link.replace(/[^a-z]/g, '').endsWith(before.kind) ? before : undefined;
  }

  #ghostTarget(entry: PlacedEntry, [holder]: readonly Holder[]): Target {
    if (holder !== undefined) {
      const link =
        holder.pid === this.#process.pid
          ? this.#process.links.get(holder.fd)
          : this.#sources.table?.rows.get(holder.pid)?.links?.get(holder.fd);
      if (link !== undefined) return describeTarget(holder, link, this.#sources);
    }
    // A socket that a process has which may not be looked into, or that is on its way in a message.
    const socket = entry.ino === null ? null : describeSocket(String(entry.ino), this.#sources);
    return socket === null || socket.kind === 'socket' ? { kind: 'unknown' } : socket;
  }

  #ask(fd: number | undefined, target: Target): Readiness | { readonly notPolled: InspectedEntry['notPolled'] } {
    if (!this.#options.ready) return { notPolled: 'off' };
    const link = fd === undefined ? undefined : this.#process.links.get(fd);
    if (fd === undefined || link === undefined) return { notPolled: 'closed' };
    if (target.kind === 'signalfd') return this.#askSignals(target.signals ?? []);
    if (!this.#isSafe(fd, 0)) return { notPolled: 'consumes' };
    const copy = this.#process.copy(fd);
    if (copy >= 0) return this.#withAcceptBacklog(askAndClose(copy, target), target);
    if (!isRefusal(copy) && copy !== -ENOSYS) return { notPolled: 'closed' };
    this.refusals.ready = copy;
    return { notPolled: 'permission' };
  }

  // To ask an epoll instance is to ask what is in its ready list, and what says no is taken out of that list. A
  // signalfd says no to another process: the event was lost for good then (Linux 6.18, test/inspect/untouched.test.ts).
  // So all that it watches must be safe to ask.
  #isSafe(fd: number, level: number): boolean {
    const { pid, links } = this.#process;
    const link = links.get(fd);
    if (link === undefined || level > deepest) return false;
    const parsed = parseFdLink(link);
    if (parsed.type !== 'anonymous' || parsed.name !== '[eventpoll]') return isSafeToPoll(link, fd, pid);
    const known = this.#safeInstances.get(fd);
    if (known !== undefined) return known;
    const inner = readProc(`/proc/${pid}/fdinfo/${fd}`);
    const safe = inner !== null && parseEpollFdinfo(inner).every((entry) => this.#isSafe(entry.fd, level + 1));
    this.#safeInstances.set(fd, safe);
    return safe;
  }

  // A duplicate would tell of the signals of this process: signalfd_poll looks at its caller.
  #askSignals(signals: readonly string[]): Readiness | { readonly notPolled: 'permission' } {
    const pending = parseProcPending(readProc(`/proc/${this.#process.pid}/status`) ?? '');
    if (pending === null) return { notPolled: 'permission' };
    return { condition: signals.some((name) => pending.has(name)) ? EPOLLIN : 0, backlog: null };
  }

  // FIONREAD refuses a listener; the table of the network namespace counts the connections that wait in its queue.
  #withAcceptBacklog(readiness: Readiness, target: Target): Readiness {
    if (target.kind !== 'tcp' || target.state !== 'LISTEN' || readiness.backlog === null) return readiness;
    const waiting = this.#sources.sockets.inet(target.inode)?.rxQueue ?? null;
    return { ...readiness, backlog: { ...readiness.backlog, unread: waiting } };
  }
}

function triggerOf(events: number): InspectedEntry['trigger'] {
  const edge = (events & EPOLLET) !== 0;
  if ((events & EPOLLONESHOT) !== 0) return edge ? 'edge-oneshot' : 'oneshot';
  return edge ? 'edge' : 'level';
}
