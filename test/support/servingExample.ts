import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { TestContext } from 'node:test';
import { startExample } from './exampleProcess.ts';

/** Starts an example that prints its port in its first line. */
export async function servingExample(
  context: TestContext,
  name: string,
  ...args: string[]
): Promise<{ readonly port: number; readonly child: ChildProcess }> {
  const child = startExample(context, name, ...args);
  const { stdout, stderr } = child;
  assert.ok(stdout !== null && stderr !== null);
  let failure = '';
  stderr.on('data', (chunk) => (failure += String(chunk)));
  const [line] = await Promise.race([
    once(stdout, 'data'),
    once(child, 'exit').then(() => assert.fail(`${name} has ended: ${failure}`)),
  ]);
  const port = Number(/127\.0\.0\.1:(\d+)|localhost:(\d+)/.exec(String(line))?.slice(1).join(''));
  assert.ok(port > 0, String(line));
  return { port, child };
}
