import { EPOLLEXCLUSIVE, EPOLLIN } from '../../sys/index.ts';
import type { EpollInstance, InspectedEntry, ProcessSnapshot } from '../processSnapshot.ts';
import type { Finding } from './finding.ts';
import { targetText } from './targetText.ts';

interface Watcher {
  readonly instance: EpollInstance;
  readonly entry: InspectedEntry;
}

/** Sockets and pipes that several instances watch for input without EPOLLEXCLUSIVE, here or in other processes. */
export function herds({ instances, otherWatchers }: ProcessSnapshot): Finding[] {
  const byFile = new Map<string, Watcher[]>();
  for (const instance of instances) {
    for (const entry of instance.entries) {
      const file = fileOf(entry);
      if (file === null || entry.ghost === true || !wakes(entry.events)) continue;
      const watchers = byFile.get(file) ?? [];
      // Duplicates of one descriptor in one instance are one waiter's business.
      if (!watchers.some((known) => known.instance === instance)) watchers.push({ instance, entry });
      byFile.set(file, watchers);
    }
  }
  return [...byFile].flatMap(([file, watchers]) => {
    const others = (otherWatchers ?? []).filter(({ inode, events }) => inode === file && wakes(events));
    return watchers.length + others.length < 2 ? [] : findingOf(watchers, others);
  });
}

function findingOf(watchers: readonly Watcher[], others: NonNullable<ProcessSnapshot['otherWatchers']>): Finding[] {
  const [first] = watchers;
  if (first === undefined) return [];
  const here = watchers.map(({ instance }) => `epoll fd ${instance.fd}`).join(', ');
  const elsewhere = others.map(({ name, pid, epfd }) => `, epoll fd ${epfd} of ${name}(${pid})`).join('');
  return [
    {
      code: 'herd',
      epfd: first.instance.fd,
      fd: first.entry.fd,
      evidence: `${targetText(first.entry.target)} is watched without EPOLLEXCLUSIVE by ${here}${elsewhere}`,
      why:
        'Every event wakes the waiters of all these instances, one of them gets something, ' +
        'and the others wake in vain (the thundering herd)',
      advice:
        'Add it with EPOLLEXCLUSIVE in each instance (Linux 4.5), or give each a listener of its own with SO_REUSEPORT',
    },
  ];
}

// An eventfd that many loops watch is a message to all of them; one in semaphore mode is given to one of them.
function fileOf({ target }: InspectedEntry): string | null {
  switch (target.kind) {
    case 'tcp':
    case 'udp':
    case 'unix':
    case 'pipe':
    case 'fifo':
      return target.inode;
    case 'eventfd':
      return target.semaphore === true && target.id !== null ? `eventfd ${target.id}` : null;
    default:
      return null;
  }
}

function wakes(events: number): boolean {
  return (events & EPOLLIN) !== 0 && (events & EPOLLEXCLUSIVE) === 0;
}
