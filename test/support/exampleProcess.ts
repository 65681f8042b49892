import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { text } from 'node:stream/consumers';

const build = join(import.meta.dirname, '../../examples');

/** So long that only a hang takes longer. */
export const exampleLimitMs = 60_000;

/** Starts an example as its user would, in a process of its own, which is killed when the test ends. */
export function startExample(context: TestContext, name: string, ...args: string[]): ChildProcess {
  const child = spawn(process.execPath, [join(build, `${name}.js`), ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const timer = setTimeout(() => child.kill('SIGKILL'), exampleLimitMs);
  context.after(() => {
    clearTimeout(timer);
    child.kill('SIGKILL');
  });
  return child;
}

/** What an example printed, which must end by itself with status 0 and write nothing to stderr. */
export async function outputOf(context: TestContext, name: string, ...args: string[]): Promise<string> {
  const child = startExample(context, name, ...args);
  const { stdout, stderr } = child;
  assert.ok(stdout !== null && stderr !== null);
  const [out, err, [code, signal]] = await Promise.all([text(stdout), text(stderr), once(child, 'exit')]);
  assert.equal(err, '', `${name} wrote to stderr`);
  assert.deepEqual({ code, signal }, { code: 0, signal: null }, out);
  return out;
}
