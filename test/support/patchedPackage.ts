import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** A change of one compiled file: what its text has once, and what stands there then. */
export interface Patch {
  /** In `dist`: `reactor/reactor.js`. */
  readonly file: string;
  /** A pattern has no groups. */
  readonly from: string | RegExp;
  readonly to: string;
}

/** A copy of the compiled package and its compiled tests, with defects in it; disposing removes it. */
export interface PatchedPackage extends Disposable {
  /** Its root: a Node started there has the defects in `epoll-ts`, `epoll-ts/sys` and `#epoll/…`. */
  readonly root: string;
}

/**
 * Makes a copy of the package in which a test can be seen to fail: its package.json sends every import of ours to its own
 * `dist`, so nothing of it reaches anybody else.
 *
 * @throws {Error} when the text of a patch is not in its file exactly once: the source has changed, and the patch must too
 */
export function patchedPackage(patches: readonly Patch[]): PatchedPackage {
  const copy = mkdtempSync(path.join(tmpdir(), 'epoll-ts-patched-'));
  const dispose = (): void => rmSync(copy, { recursive: true, force: true });
  try {
    for (const name of ['package.json', 'dist', 'build']) {
      cpSync(path.join(root, name), path.join(copy, name), {
        recursive: true,
        filter: (source) => !/\.(?:map|d\.ts)$/.test(source),
      });
    }
    symlinkSync(path.join(root, 'node_modules'), path.join(copy, 'node_modules'));
    for (const patch of patches) apply(copy, patch);
  } catch (error) {
    dispose();
    throw error;
  }
  return { root: copy, [Symbol.dispose]: dispose };
}

function apply(copy: string, { file, from, to }: Patch): void {
  const target = path.join(copy, 'dist', file);
  const text = readFileSync(target, 'utf8');
  const count = text.split(from).length - 1;
  if (count !== 1)
    throw new Error(`Cannot patch dist/${file} as ${String(from)} must be in it once: it is ${count} times`);
  writeFileSync(
    target,
    text.replace(from, () => to),
  );
}
