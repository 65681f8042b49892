import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

/** A path in a new folder, which is removed when the test ends. */
export function temporaryPath(t: TestContext, name: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'epoll-net-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, name);
}
