import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** How a program ended and what it printed. */
export interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

const limitMs = 60_000;
const root = fileURLToPath(new URL('../../..', import.meta.url));

/** Runs this Node with arguments, in the project's root: there `epoll-ts` and `#epoll/…` mean what they mean here. */
export function runNode(...args: readonly string[]): Ended {
  // The test runner's variables would make the child report to it.
  const { NODE_TEST_CONTEXT: _context, NODE_OPTIONS: _options, ...env } = process.env;
  const ended = spawnSync(process.execPath, args, { cwd: root, env, encoding: 'utf8', timeout: limitMs });
  if (ended.error !== undefined) throw ended.error;
  return ended;
}
