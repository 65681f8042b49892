import type { EpollInstance } from './processSnapshot.ts';

type Unlinked = Omit<EpollInstance, 'watchedBy' | 'depth'>;

/** Adds to each instance which others watch it, and how deep the chain below it is. */
export function linkInstances(instances: readonly Unlinked[]): EpollInstance[] {
  const byFd = new Map(instances.flatMap((instance) => instance.fds.map((fd) => [fd, instance] as const)));
  const inner = new Map(instances.map((instance) => [instance, innerOf(instance, byFd)]));
  const depth = (instance: Unlinked, above: readonly Unlinked[]): number => {
    // The kernel refuses circles; two looks at a list that is being changed could still show one.
    const below = (inner.get(instance) ?? []).filter((next) => !above.includes(next) && next !== instance);
    return 1 + Math.max(0, ...below.map((next) => depth(next, [...above, instance])));
  };
  return instances.map((instance) => ({
    ...instance,
    watchedBy: instances.filter((outer) => inner.get(outer)?.includes(instance)).map(({ fd }) => fd),
    depth: depth(instance, []),
  }));
}

function innerOf(instance: Unlinked, byFd: ReadonlyMap<number, Unlinked>): Unlinked[] {
  const found = new Set<Unlinked>();
  for (const { fd, ghost, heldBy, target } of instance.entries) {
    if (target.kind !== 'epoll') continue;
    const next = byFd.get(ghost === true ? (heldBy[0]?.fd ?? -1) : fd);
    if (next !== undefined) found.add(next);
  }
  return [...found];
}
