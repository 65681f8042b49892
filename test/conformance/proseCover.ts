import { readFileSync } from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { type Entry, isRecord, readCatalogue } from './catalogue.ts';
import { defaultCatalogue, packageRoot } from './options.ts';

/**
 * What covers a prose entry: the file of its hand-written test, which is named by the entry's id; or why there is none.
 */
export type ProseCover = { readonly test: string } | { readonly reason: string };

const mapFile = path.join('test', 'conformance', 'prose.json');

/** The project's own prose entries, by id: the data of prose.json. @throws {TypeError} when it has another form */
export function readProseCovers(): ReadonlyMap<string, ProseCover> {
  const content: unknown = JSON.parse(readFileSync(path.join(packageRoot(), mapFile), 'utf8'));
  if (!isRecord(content)) throw new TypeError(`Cannot use ${mapFile} as it must be an object`);
  return new Map(
    Object.entries(content).map(([id, value]) => {
      if (!isCover(value)) throw new TypeError(`Cannot use ${id} of ${mapFile} as it must have a test or a reason`);
      return [id, value];
    }),
  );
}

function isCover(value: unknown): value is ProseCover {
  if (!isRecord(value)) return false;
  const members = Object.entries(value);
  return (
    members.length === 1 && members.every(([name, text]) => /^(test|reason)$/.test(name) && typeof text === 'string')
  );
}

/**
 * What covers each of these entries. One of another catalogue is covered only where it is the same, word for word, as
 * the project's entry of that id: a test is no evidence for something else.
 */
export function coversOf(entries: readonly Entry[]): ReadonlyMap<Entry, ProseCover> {
  const covers = readProseCovers();
  const own = new Map(readCatalogue(defaultCatalogue()).map((entry) => [entry.id, entry]));
  return new Map(
    entries.flatMap((entry) => {
      const cover = covers.get(entry.id);
      return cover !== undefined && isDeepStrictEqual(entry, own.get(entry.id)) ? [[entry, cover] as const] : [];
    }),
  );
}
