import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { packageRoot } from '../packageRoot.ts';
import { enclosed, splitAtCommas } from './brackets.ts';

/** A name with its type, as a declaration has them. */
export interface Declared {
  readonly name: string;
  readonly type: string;
  /** Whether it may be left out. */
  readonly optional: boolean;
}

/** What the declarations of the built package say. */
export interface Declarations {
  /** Whether a member of a class of the package is for programs: declared, not protected, and its class exported. */
  isPublic(className: string, member: string | symbol): boolean;
  /** The names of all readonly members: what options can be called. */
  readonly optionNames: readonly string[];
  /** The classes of `epoll-ts/net`, exported or not. */
  readonly netClasses: ReadonlySet<string>;
  /**
   * The parameters of `function`, `Class.method` or `Class.constructor`; of overloads, all of them one after another.
   */
  parametersOf(label: string): readonly Declared[];
  /** What an object of this type can have. */
  membersOf(type: string): readonly Declared[];
}

const member =
  /^export declare (?:abstract )?class (\w+)|^ {4}(?!protected |private |#)(?:get |set |readonly |static |abstract |async )*(\[Symbol\.\w+\]|\w+)\??[(:<]/gm;
const exported = /^export (?:type )?\{([^}]*)\}/gm;
const classHead = /^export declare (?:abstract )?class (\w+)/;
const signature = /^(?: {4}(?:static |protected |abstract )*(?:get |set )?|export declare function )(\w+)(?:<.*?>)?\(/;

export function readDeclarations(): Declarations {
  const folder = path.join(packageRoot(), 'dist');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.d.ts'));
  const classes = new Map<string, Set<string>>();
  const entries = new Set<string>();
  const netClasses = new Set<string>();
  const names = new Set<string>();
  const parameters = new Map<string, Declared[]>();
  const types = new Map<string, string>();
  for (const file of files.filter((name) => !name.startsWith('cli/'))) {
    const text = readFileSync(path.join(folder, file), 'utf8');
    // A resolver of the program's own that never answers is waited for.
    for (const [, name = ''] of text.matchAll(/^ {4}readonly (?!lookup\b)(\w+)\??:/gm)) names.add(name);
    let members = new Set<string>();
    for (const [, owner, name = ''] of text.matchAll(member)) {
      if (owner === undefined) members.add(name);
      else classes.set(owner, (members = new Set()));
    }
    if (path.basename(file) === 'index.d.ts') {
      for (const [, names = ''] of text.matchAll(exported))
        for (const name of names.matchAll(/\w+(?=\s*(?:,|$))/g)) entries.add(name[0]);
    }
    for (const [, name = ''] of text.matchAll(new RegExp(classHead, 'gm'))) {
      if (file.startsWith('net/')) netClasses.add(name);
    }
    for (const [, name = '', type = ''] of text.matchAll(/^export (?:interface|type) (\w+)(.*?^}|.*?;$)/gms))
      types.set(name, type);
    readSignatures(text, parameters);
  }
  return {
    isPublic: (className, name) => {
      const members = classes.get(className);
      if (members === undefined) return true;
      const label = typeof name === 'symbol' ? `[${name.description}]` : name;
      return entries.has(className) && members.has(label);
    },
    optionNames: [...names].sort(),
    netClasses,
    parametersOf: (label) => parameters.get(label) ?? [],
    membersOf: (type) => membersOf(type, types),
  };
}

function readSignatures(text: string, parameters: Map<string, Declared[]>): void {
  let owner = '';
  let at = 0;
  for (const line of text.split('\n')) {
    owner = line === '}' ? '' : (classHead.exec(line)?.[1] ?? owner);
    const [head, name = ''] = signature.exec(line) ?? [];
    if (head !== undefined) {
      const label = owner === '' ? name : `${owner}.${name}`;
      const parts = splitAtCommas(enclosed(text, at + head.length - 1)).map(declared);
      parameters.set(label, [...(parameters.get(label) ?? []), ...parts]);
    }
    at += line.length + 1;
  }
}

// The name of one that is taken apart stands before the type all the same: `{ a, b }?: Type`.
function declared(part: string): Declared {
  const inner = part.startsWith('{') ? enclosed(part, 0).length + 2 : 0;
  const colon = part.indexOf(':', inner);
  const name = inner > 0 ? 'options' : (/^[\w$]+/.exec(part.replace(/^\.\.\./, ''))?.[0] ?? '');
  return { name, type: part.slice(colon + 1).trim(), optional: part[colon - 1] === '?' };
}

function membersOf(type: string, types: ReadonlyMap<string, string>, seen: Set<string> = new Set()): Declared[] {
  const found = [...type.matchAll(/readonly (?!lookup\b)(\w+)(\??): ([^;]*)/g)].map(([, name = '', mark, of = '']) => ({
    name,
    type: of,
    optional: mark === '?',
  }));
  // Of what is written out only the members; of a name what it stands for, and of an interface its parents.
  const heads = type.includes('{') ? type.replaceAll(/\{[^]*?\}/g, '') : type;
  for (const [name] of heads.matchAll(/\b[A-Z]\w+/g)) {
    const other = types.get(name);
    if (other === undefined || seen.has(name)) continue;
    seen.add(name);
    found.push(...membersOf(other, types, seen));
  }
  return [...new Map(found.map((member) => [member.name, member])).values()];
}
