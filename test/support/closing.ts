import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

/** The object, closed when the test ends. */
export function closing<T extends { close(): void }>(t: TestContext, made: T): T {
  t.after(() => made.close());
  return made;
}

/** The path of a file in a folder of its own, which is removed when the test ends. */
export function pathIn(t: TestContext, name: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'epoll-ts-net-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, name);
}
