import type { EpollInstance } from '../../inspect/index.ts';

/** The instances that watch instances, as the lines of a tree; none where nothing is nested. */
export function nestingTree(instances: readonly EpollInstance[]): string[] {
  if (instances.every(({ depth }) => depth === 1)) return [];
  const lines: string[] = [];
  const add = (instance: EpollInstance, indent: string, above: readonly EpollInstance[]): void => {
    const inner = instances.filter((other) => other.watchedBy.includes(instance.fd) && !above.includes(other));
    for (const [index, next] of inner.entries()) {
      const last = index === inner.length - 1;
      lines.push(`${indent}${last ? '└─' : '├─'} epoll fd ${next.fd}`);
      add(next, `${indent}${last ? '   ' : '│  '}`, [...above, next]);
    }
  };
  for (const root of instances.filter(({ depth, watchedBy }) => depth > 1 && watchedBy.length === 0)) {
    lines.push(`epoll fd ${root.fd}`);
    add(root, '', [root]);
  }
  return lines;
}
