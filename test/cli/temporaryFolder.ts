import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder that is removed at the end of the block that holds it with `using`. */
export class TemporaryFolder {
  readonly path: string = mkdtempSync(join(tmpdir(), 'epoll-cli-'));

  /** A path in it. */
  file(name: string): string {
    return join(this.path, name);
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
