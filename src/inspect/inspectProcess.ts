import { readlinkSync } from 'node:fs';
import { parseEpollFdinfo } from '../fd/epollEntry.ts';
import { errnoName, O_CLOEXEC } from '../sys/index.ts';
import { aBoolean, anything, oneOf } from '../sys/optionKind.ts';
import { type OptionKinds, optionsReader } from '../sys/optionsReader.ts';
import { EntryReader, type Refusals } from './entryReader.ts';
import { FileGroups, isComparable } from './fileOrder.ts';
import { placeEntries } from './ghosts.ts';
import { linkInstances } from './nesting.ts';
import { OpenProcess } from './openProcess.ts';
import { findOtherWatchers } from './otherWatchers.ts';
import { parseFdinfoHead } from './parse/fdinfoHead.ts';
import type { EpollInstance, Missing, ProcessSnapshot, SharedInstance } from './processSnapshot.ts';
import { epollDescriptors, ProcessTable } from './processTable.ts';
import { readProc } from './readProc.ts';
import { SocketTables } from './socketTables.ts';
import type { Holder } from './target.ts';
import { readThreadTimes } from './threadTimes.ts';
import { readWatchLimit } from './watchLimit.ts';
import { preciseMs } from '../sys/monotonicMs.ts';

/** How to look. */
export interface InspectOptions {
  /** Whether to ask for readiness, over a duplicate of each descriptor. @default true */
  readonly ready?: boolean;
  /**
   * Whether to tell ghosts from live entries with kcmp(2). The kernel searches an interest list from its beginning for
   * each question, so a list of many thousand pipes or eventfds takes long: `true` asks for 0.7 s of CPU time, and says
   * in `missing` that it left some out; `'exact'` asks for all. Sockets need no question.
   *
   * @default true
   */
  readonly ghosts?: boolean | 'exact';
  /**
   * What is known of other processes, to look into several with; null: do not look at others. By default it is made.
   */
  readonly table?: ProcessTable | null;
  /** An earlier snapshot of the process, which makes this look cheaper. */
  readonly previous?: ProcessSnapshot;
}

const exact = oneOf('exact');

/** What each of the options may be. A table and a snapshot are what this package made. */
export const inspectKinds: OptionKinds<InspectOptions> = {
  ready: aBoolean,
  ghosts: (value, name, action) =>
    typeof value === 'string' ? exact(value, name, action) : aBoolean(value, name, action),
  table: anything as OptionKinds<InspectOptions>['table'],
  previous: anything as OptionKinds<InspectOptions>['previous'],
};

const readInspectOptions = optionsReader<InspectOptions>('inspect', '{ ready: false }', inspectKinds);

/**
 * Looks into the epoll instances of a running process, and changes nothing in it.
 *
 * It is not stopped, and nothing is read from its descriptors. For readiness each watched descriptor is duplicated into
 * this process and closed at once; what the process closes within these microseconds stays open until then. What needs
 * rights that are missing is left out, and said in `missing`. The call blocks while it reads: 10,000 sockets take about
 * half a second.
 *
 * @param pid a process that this one may look into: the same user's, or any with CAP_SYS_PTRACE
 * @returns plain data; `findings` says what is wrong with it
 * @throws {SystemError} ESRCH when there is no such process or it ends while it is looked at, EACCES when it may not be
 *   looked into
 * @see https://man7.org/linux/man-pages/man5/proc_pid_fdinfo.5.html
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { Epoll, EventFd } from 'epoll-ts';
 * import { inspectProcess } from 'epoll-ts/inspect';
 * import { EPOLLIN } from 'epoll-ts/sys';
 *
 * const ep = new Epoll();
 * const counter = new EventFd({ initial: 3n });
 * ep.add(counter, EPOLLIN);
 * const { instances } = inspectProcess(process.pid);
 * const entry = instances.find(({ fd }) => fd === ep.fd)?.entries[0];
 * assert.equal(entry?.target.kind === 'eventfd' && entry.target.count, '3');
 * counter.close();
 * ep.close();
 * ```
 */
export function inspectProcess(pid: number, given?: InspectOptions): ProcessSnapshot {
  const options = readInspectOptions(given);
  const { ready = true, ghosts = true, previous = null } = options;
  const process = new OpenProcess(pid);
  try {
    const table = options.table === undefined ? new ProcessTable() : options.table;
    const reader = new EntryReader(process, { sockets: new SocketTables(pid), table }, { ready, ghosts, previous });
    const instances = linkInstances(readInstances(process, table, reader));
    const otherWatchers = table === null ? null : findOtherWatchers(pid, instances, table);
    const watchLimit = table === null || process.uid === null ? null : readWatchLimit(process.uid, table);
    const snapshot: ProcessSnapshot = {
      pid,
      name: process.stat.name,
      command: (readProc(`/proc/${pid}/cmdline`) ?? '').replace(/\0+$/, '').replaceAll('\0', ' '),
      uid: process.uid,
      startTime: process.stat.startTime,
      time: new Date().toISOString(),
      monotonicMs: preciseMs(),
      threads: readThreadTimes(pid),
      instances,
      otherWatchers,
      watchLimit,
      missing: missingOf(reader.refusals, instances, table),
    };
    process.confirm();
    return snapshot;
  } finally {
    process.close();
  }
}

type Unlinked = Omit<EpollInstance, 'watchedBy' | 'depth'>;

function readInstances(process: OpenProcess, table: ProcessTable | null, reader: EntryReader): Unlinked[] {
  const { pid } = process;
  const own = epollDescriptors(process.links).map((fd) => ({ pid, name: process.stat.name, fd }));
  const comparable = own.length > 0 && own.every((ref) => isComparable(ref));
  const others = comparable ? (table?.epolls.filter((holder) => holder.pid !== pid) ?? []) : [];
  const groups = comparable ? sharedBy(own, others) : own.map((ref) => [ref]);
  const instances = groups.flatMap((group): Unlinked[] => {
    const fds = group.flatMap((ref) => (ref.pid === pid ? [ref.fd] : [])).sort((a, b) => a - b);
    const [fd = -1] = fds;
    const fdinfo = readProc(`/proc/${pid}/fdinfo/${fd}`);
    if (fdinfo === null) return [];
    const sharers = group.filter((ref) => ref.pid !== pid);
    return [
      {
        fd,
        fds,
        closeOnExec: ((parseFdinfoHead(fdinfo)?.flags ?? 0) & O_CLOEXEC) !== 0,
        sharedWith:
          comparable && table !== null ? sharers.map((ref) => ({ ...ref, ...relate(pid, ref.pid, table) })) : null,
        entries: reader.read(fd, placeEntries(parseEpollFdinfo(fdinfo)), sharers),
      },
    ];
  });
  return instances.sort((a, b) => a.fd - b.fd);
}

function sharedBy(own: readonly Holder[], others: readonly Holder[]): readonly (readonly Holder[])[] {
  const groups = new FileGroups<Holder>();
  for (const ref of own) groups.add(ref);
  for (const ref of others) groups.join(ref);
  return groups.all;
}

function relate(pid: number, other: number, table: ProcessTable): Pick<SharedInstance, 'relation' | 'sameProgram'> {
  const relation = table.isAncestor(pid, other) ? 'child' : table.isAncestor(other, pid) ? 'parent' : 'other';
  const ours = executable(pid);
  const theirs = executable(other);
  return { relation, sameProgram: ours === null || theirs === null ? null : ours === theirs };
}

function executable(pid: number): string | null {
  try {
    return readlinkSync(`/proc/${pid}/exe`);
  } catch {
    return null;
  }
}

function missingOf(refusals: Refusals, instances: readonly EpollInstance[], table: ProcessTable | null): Missing[] {
  const missing: Missing[] = [];
  const add = (what: string, text: string): number => missing.push({ what, text });
  if (refusals.ready !== null) {
    add(
      'ready',
      `What is ready now is not shown: pidfd_getfd gave ${errnoName(refusals.ready)} (it needs ptrace ` +
        'rights: root, CAP_SYS_PTRACE, or kernel.yama.ptrace_scope=0; Linux 5.6)',
    );
  }
  const uncompared = table !== null && instances.some(({ sharedWith }) => sharedWith === null);
  if (refusals.ghosts || uncompared) {
    add(
      'ghosts',
      'Ghosts and shared instances are not all told: ' +
        "kcmp is refused here (a container's seccomp filter, or a kernel without CONFIG_KCMP)",
    );
  }
  if (refusals.late)
    add(
      'ghosts',
      'Not every entry was checked for being a ghost: there are too many that are no sockets (--exact checks all)',
    );
  if (table !== null && table.unreadable > 0) {
    add(
      'others',
      `${table.unreadable} processes of other users could not be looked into: ` +
        'whether they share an instance, or hold the other end of a pipe or socket, ' +
        'is not known (it needs root or CAP_SYS_PTRACE)',
    );
  }
  return missing;
}
