import { existsSync } from 'node:fs';
import path from 'node:path';

/** The folder of package.json above this file: compiled code lies deeper than its source. */
export function packageRoot(): string {
  let folder = import.meta.dirname;
  while (!existsSync(path.join(folder, 'package.json'))) {
    const parent = path.dirname(folder);
    if (parent === folder) throw new Error(`Cannot find package.json above ${import.meta.dirname}`);
    folder = parent;
  }
  return folder;
}
