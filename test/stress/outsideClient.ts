import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** So long that only a hang takes longer: a full run takes a minute or two on a busy machine. */
const limitMs = 900_000;

/**
 * Runs test/stress/client.ts in a process of its own; gives each report that it prints, and has it go on when the next
 * is asked for.
 *
 * @throws when it fails, or hangs.
 */
export async function* outsideClient(kind: string, options: object): AsyncGenerator<Record<string, unknown>> {
  // The test runner's variables would make the child report to it.
  const { NODE_TEST_CONTEXT: _context, NODE_OPTIONS: _options, ...env } = process.env;
  const args = [join(import.meta.dirname, 'client.js'), kind, JSON.stringify(options)];
  const child = spawn(process.execPath, args, { env, stdio: ['pipe', 'pipe', 'inherit'] });
  const timer = setTimeout(() => child.kill('SIGKILL'), limitMs);
  const exited = once(child, 'exit');
  // One that has ended does not read it any more.
  child.stdin.on('error', () => {});
  try {
    for await (const line of createInterface(child.stdout)) {
      yield JSON.parse(line) as Record<string, unknown>;
      child.stdin.write('next\n');
    }
    const [code, signal] = (await exited) as [number | null, string | null];
    if (code !== 0) throw new Error(`The outside client '${kind}' ended with ${signal ?? code}`);
  } finally {
    clearTimeout(timer);
    child.kill('SIGKILL');
  }
}

/** The only report of a client that prints one. */
export async function reportOf(kind: string, options: object): Promise<Record<string, unknown>> {
  let last: Record<string, unknown> = {};
  for await (const report of outsideClient(kind, options)) last = report;
  return last;
}
