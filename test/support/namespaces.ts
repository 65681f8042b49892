import { spawnSync } from 'node:child_process';

/** How to run a program in namespaces of its own, or why this machine can't. */
export type Namespaces = { readonly through: readonly [string, ...string[]] } | { readonly reason: string };

/** `unshare` with a user namespace, in which the program is root, and these others: `'--mount'`. */
export function ownNamespaces(...kinds: readonly string[]): Namespaces {
  const through = ['unshare', '--user', '--map-root-user', ...kinds] as const;
  const [program, ...args] = through;
  const { status, error, stderr } = spawnSync(program, [...args, 'true'], { encoding: 'utf8' });
  if (status === 0) return { through };
  return { reason: `no namespaces of one's own here: ${error?.message ?? stderr.trim()}` };
}
