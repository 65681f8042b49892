import { type ChildProcess, spawn, spawnSync } from 'node:child_process';

/**
 * Runs the text of a module in a Node whose stdin, stdout and stderr are a new terminal, by `script` of util-linux.
 *
 * @returns undefined where there is no such program
 */
export function ptyProcess(source: string): ChildProcess | undefined {
  if (spawnSync('script', ['--version']).status !== 0) return undefined;
  const { NODE_TEST_CONTEXT: _context, NODE_OPTIONS: _options, ...env } = process.env;
  const command = `${quoted(process.execPath)} --input-type=module --eval ${quoted(source)}`;
  return spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
    cwd: new URL('../../..', import.meta.url).pathname,
    env: { ...env, SHELL: '/bin/sh' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
