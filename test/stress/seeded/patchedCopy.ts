import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { packageRoot } from '../packageRoot.ts';
import type { Defect } from './defects.ts';

/** A copy of the built package: its `epoll-ts` and `#epoll/…` are its own, as they are looked up from its package.json. */
export class PatchedCopy {
  readonly root: string = mkdtempSync(path.join(tmpdir(), 'epoll-ts-seeded-'));

  constructor() {
    const from = packageRoot();
    for (const name of readdirSync(from)) {
      if (name === 'dist' || name === 'build')
        cpSync(path.join(from, name), path.join(this.root, name), { recursive: true });
      else if (name === 'package.json') cpSync(path.join(from, name), path.join(this.root, name));
      else if (!name.startsWith('.git')) symlinkSync(path.join(from, name), path.join(this.root, name));
    }
  }

  /** Puts a defect in. @returns what takes it out again @throws {Error} when its place is gone */
  apply({ name, file, anchor, replacement }: Defect): () => void {
    const target = path.join(this.root, 'dist', file);
    const text = readFileSync(target, 'utf8');
    const places = text.split(anchor).length - 1;
    if (places !== 1)
      throw new Error(`Cannot seed '${name}': its anchor is ${places} times in dist/${file}, not once: ${anchor}`);
    writeFileSync(
      target,
      text.replace(anchor, () => replacement),
    );
    return () => writeFileSync(target, text);
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
