import { spawnSync } from 'node:child_process';

/** Why a test that needs root's rights is skipped; false: it is not. */
export function unlessRoot(): string | false {
  return process.getuid?.() === 0 ? false : 'needs root';
}

/** Why a test in a namespace of its own is skipped; false: unshare(1) can make one. */
export function unlessUnshared(...options: readonly string[]): string | false {
  const { status, error, stderr } = spawnSync('unshare', [...options, 'true'], { encoding: 'utf8' });
  if (error !== undefined) return `needs unshare(1): ${error.message}`;
  return status === 0 ? false : `needs a namespace of its own: ${stderr.trim()}`;
}
