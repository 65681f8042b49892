import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { packageRoot } from '../packageRoot.ts';

/** What the declarations of the built package say. */
export interface Declarations {
  /** `Class.member` of what is protected or marked @internal: not public, so not called. */
  readonly internal: ReadonlySet<string>;
  /** The names of all readonly members: what options can be called. */
  readonly optionNames: readonly string[];
}

export function readDeclarations(): Declarations {
  const folder = path.join(packageRoot(), 'dist');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.d.ts'));
  const internal = new Set<string>();
  const names = new Set<string>();
  for (const file of files.filter((name) => !name.startsWith('cli/'))) {
    const text = readFileSync(path.join(folder, file), 'utf8');
    for (const [, name = ''] of text.matchAll(/^ {4}readonly (\w+)\??:/gm)) names.add(name);
    let owner = '';
    const marks =
      /^export declare (?:abstract )?class (\w+)|\/\*\* @internal[^]*?\*\/\s+(?:get |readonly |static )*(\w+)|^ {4}protected (?:abstract |get |readonly )*(\w+)/gm;
    for (const [, declared, marked, hidden] of text.matchAll(marks)) {
      if (declared !== undefined) owner = declared;
      else internal.add(`${owner}.${marked ?? hidden}`);
    }
  }
  return { internal, optionNames: [...names].sort() };
}
