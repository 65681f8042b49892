import type { ProcessSnapshot } from '../processSnapshot.ts';
import type { Finding } from './finding.ts';

// EP_MAX_NESTS in fs/eventpoll.c is 4 edges: 5 instances in a chain.
const deepest = 5;
// A runtime's own instance, and a library's instance watched by it, are two.
const deep = 3;
const nearShare = 0.8;

/** Chains of instances near the limit, each told once, at its outermost. */
export function nesting({ instances }: ProcessSnapshot): Finding[] {
  return instances
    .filter(({ depth, watchedBy }) => depth >= deep && watchedBy.length === 0)
    .map(({ fd, depth }) => ({
      code: 'nesting',
      epfd: fd,
      fd: null,
      evidence: `${depth} instances in a chain, of ${deepest} that the kernel allows`,
      why:
        'Each level asks the next at every wait, and one more library that nests its own instance can meet ' +
        'ELOOP in epoll_ctl',
      advice: 'Add the descriptors of the inner instances to an outer one, where that is yours to do',
    }));
}

/** A user who is near the limit of entries. */
export function watches({ watchLimit, uid }: ProcessSnapshot): Finding[] {
  if (watchLimit === null || watchLimit.counted < watchLimit.max * nearShare) return [];
  const { counted, max, processes } = watchLimit;
  return [
    {
      code: 'watches',
      epfd: null,
      fd: null,
      evidence: `${counted} entries in ${processes} processes of user ${uid}, of ${max} (fs.epoll.max_user_watches)`,
      why: 'At the limit epoll_ctl gives ENOSPC, to every process of the user',
      advice: 'Raise it with sysctl fs.epoll.max_user_watches, or find out why there are so many entries',
    },
  ];
}

/** Instances that another process has too, at the last look at which others were looked for. */
export function leaks(samples: readonly ProcessSnapshot[]): Finding[] {
  const [first] = samples;
  const last = samples.findLast(({ instances }) => instances.some(({ sharedWith }) => sharedWith !== null));
  return (first?.instances ?? []).flatMap(({ fd, closeOnExec, sharedWith }) => {
    const still = last?.instances.find((instance) => instance.fd === fd)?.sharedWith ?? [];
    const holders = (sharedWith ?? []).filter((holder) =>
      still.some((other) => other.pid === holder.pid && other.fd === holder.fd),
    );
    if (holders.length === 0) return [];
    const executed = !closeOnExec && holders.some(({ sameProgram }) => sameProgram === false);
    const whose = holders.map(
      ({ relation, name, pid, fd: number }) =>
        `${relation === 'other' ? 'process' : relation} ${name}(${pid}) as fd ${number}`,
    );
    return [
      {
        code: 'leaked' as const,
        epfd: fd,
        fd: null,
        evidence:
          'the same instance is open in ' +
          `${whose.slice(0, 5).join(', ')}${whose.length > 5 ? ` and ${whose.length - 5} more` : ''}`,
        why:
          'Both use one interest list: what one adds or takes wakes or silences the other, ' +
          'and a descriptor that one closes stays watched while the other has it',
        advice: executed
          ? 'Make it with EPOLL_CLOEXEC: it was inherited by another program'
          : 'Close it in the child right after fork, before it is used, and make a new one there',
      },
    ];
  });
}
