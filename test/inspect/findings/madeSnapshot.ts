import type { EpollInstance, InspectedEntry, ProcessSnapshot, ThreadTime } from 'epoll-ts/inspect';
import { EPOLLERR, EPOLLET, EPOLLHUP, EPOLLIN, EPOLLONESHOT, eventNames } from 'epoll-ts/sys';

/** An entry for a pipe's read end, idle, with whatever a test wants otherwise. */
export function madeEntry(change: Partial<InspectedEntry> = {}): InspectedEntry {
  const events = change.events ?? EPOLLIN | EPOLLERR | EPOLLHUP;
  const oneshot = (events & EPOLLONESHOT) !== 0;
  const edge = (events & EPOLLET) !== 0;
  return {
    fd: 5,
    events,
    flags: eventNames(events),
    data: '0x0000000000000005',
    trigger: oneshot ? (edge ? 'edge-oneshot' : 'oneshot') : edge ? 'edge' : 'level',
    armed: true,
    ghost: false,
    heldBy: [],
    now: null,
    inode: '100',
    target: { kind: 'pipe', inode: '100', path: null, end: 'read', peerHolders: [] },
    ready: 0,
    condition: 0,
    notPolled: null,
    backlog: { unread: 0, unsent: null, received: null, acknowledged: null },
    ...change,
  };
}

/** An instance that nobody shares and nobody watches. */
export function madeInstance(entries: readonly InspectedEntry[], change: Partial<EpollInstance> = {}): EpollInstance {
  return { fd: 3, fds: [3], closeOnExec: true, sharedWith: [], watchedBy: [], depth: 1, entries, ...change };
}

/** A snapshot of a sleeping process. */
export function madeSnapshot(
  instances: readonly EpollInstance[],
  change: Partial<ProcessSnapshot> = {},
): ProcessSnapshot {
  return {
    pid: 42,
    name: 'made',
    command: 'made',
    uid: 0,
    startTime: '1',
    time: '2026-01-01T00:00:00.000Z',
    monotonicMs: 0,
    threads: [thread(0, 0, 0)],
    instances,
    otherWatchers: [],
    watchLimit: { max: 1000, counted: 10, processes: 1 },
    missing: [],
    ...change,
  };
}

/** The main thread's time, in milliseconds. */
export function thread(runMs: number, systemMs: number, waitMs: number): ThreadTime {
  return { tid: 42, name: 'made', runNs: runMs * 1e6, systemNs: systemMs * 1e6, waitNs: waitMs * 1e6 };
}

/** Three looks at one entry within 200 ms, between which the main thread runs as long as said. */
export function madeLooks(
  looks: readonly Partial<InspectedEntry>[],
  { runMs = 0, systemMs = 0, waitMs = 0 }: { runMs?: number; systemMs?: number; waitMs?: number } = {},
): ProcessSnapshot[] {
  return looks.map((look, index) =>
    madeSnapshot([madeInstance([madeEntry(look)])], {
      monotonicMs: index * 100,
      threads: [thread((runMs * index) / 2, (systemMs * index) / 2, (waitMs * index) / 2)],
    }),
  );
}
