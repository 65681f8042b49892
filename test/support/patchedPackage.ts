import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const copied = new Set(['package.json', 'src', 'dist', 'build']);

/** A change of one source file: what its text has once, and what stands there then. */
export interface Patch {
  /** In `src`: `reactor/reactor.ts`. */
  readonly file: string;
  /** A pattern has no groups. */
  readonly from: string | RegExp;
  readonly to: string;
}

/** A copy of the package and its compiled tests, with defects in it; disposing removes it. */
export interface PatchedPackage extends Disposable {
  /** Its root: a Node started there has the defects in `epoll-ts`, `epoll-ts/sys` and `#epoll/…`. */
  readonly root: string;
}

/**
 * Makes a copy of the package in which a test can be seen to fail: its package.json sends every import of ours to its
 * own `dist`, so nothing of it reaches anybody else.
 *
 * @throws {Error} when the text of a patch is not in its file exactly once: the source has changed, and the patch must
 *   too
 */
export function patchedPackage(patches: readonly Patch[]): PatchedPackage {
  const copy = mkdtempSync(path.join(tmpdir(), 'epoll-ts-patched-'));
  const dispose = (): void => rmSync(copy, { recursive: true, force: true });
  try {
    for (const name of readdirSync(root)) {
      const [from, to] = [path.join(root, name), path.join(copy, name)];
      if (copied.has(name)) cpSync(from, to, { recursive: true, filter: (source) => !source.endsWith('.map') });
      else if (!name.startsWith('.')) symlinkSync(from, to);
    }
    for (const { file, ...patch } of patches) {
      const target = path.join(copy, 'src', file);
      writeFileSync(target, patched(readFileSync(target, 'utf8'), { file, ...patch }));
    }
    if (patches.length > 0) compile(copy);
  } catch (error) {
    dispose();
    throw error;
  }
  return { root: copy, [Symbol.dispose]: dispose };
}

/** The text of a source file with a patch. @throws {Error} when its place is not there exactly once */
export function patched(text: string, { file, from, to }: Patch): string {
  const count = text.split(from).length - 1;
  if (count !== 1)
    throw new Error(`Cannot patch src/${file} as ${String(from)} must be in it once: it is ${count} times`);
  return text.replace(from, () => to);
}

function compile(copy: string): void {
  const args = [path.join(root, 'scripts/bundle.mjs'), '--root', copy];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 60_000 });
  if (status !== 0) throw new Error(`Cannot compile the patched sources: ${stderr}`);
}
