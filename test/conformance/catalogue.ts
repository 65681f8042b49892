import { readFileSync } from 'node:fs';

/** What a catalogue expects of one step, or of several (`among`); the members are checked by expectation.ts. */
export type Expectation = Readonly<Record<string, unknown>>;

/** One scenario. */
export interface Entry {
  readonly id: string;
  readonly area: string;
  /** `strict` entries run step by step; `prose` entries want a hand-written test. */
  readonly mode: 'strict' | 'prose';
  readonly setup: readonly string[];
  readonly expect: readonly Expectation[];
}

/** Thrown for a file that can't be read or is no catalogue; the message says where and why. */
export class CatalogueError extends Error {
  static {
    this.prototype.name = 'CatalogueError';
  }
}

/** Reads a catalogue file. @throws {CatalogueError} when it can't be read or has another form. */
export function readCatalogue(path: string): Entry[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new CatalogueError(`Cannot read the catalogue ${path}: ${messageOf(cause)}`, { cause });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new CatalogueError(`Cannot use ${path} as it must be JSON: ${messageOf(cause)}`, { cause });
  }
  return parseCatalogue(value, path);
}

/** Checks the form of a parsed catalogue. @throws {CatalogueError} naming the entry and the member that is wrong. */
export function parseCatalogue(value: unknown, path: string): Entry[] {
  if (!Array.isArray(value)) throw new CatalogueError(`Cannot use ${path} as it must be an array of entries`);
  return value.map((entry: unknown, index) => parseEntry(entry, index, path));
}

function parseEntry(value: unknown, index: number, path: string): Entry {
  const refuse = (rule: string): never => {
    const named = isRecord(value) && typeof value['id'] === 'string' ? ` (${value['id']})` : '';
    throw new CatalogueError(`Cannot use entry ${index}${named} of ${path} as ${rule}`);
  };
  if (!isRecord(value)) return refuse('it must be an object');
  const { id, area, mode, setup, expect } = value;
  if (typeof id !== 'string' || id === '') return refuse(`'id' must be a string: current value is ${show(id)}`);
  if (typeof area !== 'string' || area === '') return refuse(`'area' must be a string: current value is ${show(area)}`);
  if (mode !== 'strict' && mode !== 'prose') {
    return refuse(`'mode' must be "strict" or "prose": current value is ${show(mode)}`);
  }
  if (!Array.isArray(setup) || !setup.every((step) => typeof step === 'string' && step.trim() !== '')) {
    return refuse(`'setup' must be an array of steps: current value is ${show(setup)}`);
  }
  if (!Array.isArray(expect) || !expect.every(isRecord)) {
    return refuse(`'expect' must be an array of objects: current value is ${show(expect)}`);
  }
  return { id, area, mode, setup: setup as string[], expect };
}

/** Whether a JSON value is an object with members. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'missing';
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
