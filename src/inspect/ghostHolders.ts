import type { FileRef } from './fileOrder.ts';
import { isWatchedFile, type PlacedEntry } from './ghosts.ts';
import { parseFdLink } from './parse/fdLink.ts';
import type { ProcessTable } from './processTable.ts';
import type { Holder } from './target.ts';

// Each question costs a system call: enough for the descriptors of a few busy processes.
const mostQuestions = 20_000;

/** Finds who keeps the files of ghosts open, in the process itself and in its relatives. */
export class GhostHolders {
  readonly #instance: FileRef;
  readonly #name: string;
  readonly #links: ReadonlyMap<number, string>;
  readonly #table: ProcessTable | null;
  #left = mostQuestions;

  constructor(instance: FileRef, name: string, links: ReadonlyMap<number, string>, table: ProcessTable | null) {
    this.#instance = instance;
    this.#name = name;
    this.#links = links;
    this.#table = table;
  }

  of(entry: PlacedEntry): Holder[] {
    return [...this.#candidates(entry)].filter((holder) => {
      if (this.#left <= 0) return false;
      this.#left -= 1;
      return isWatchedFile(holder, this.#instance, entry) === true;
    });
  }

  *#candidates(entry: PlacedEntry): Generator<Holder> {
    const own = this.#instance.pid;
    for (const [fd, link] of this.#links) if (mayBe(entry, link)) yield { pid: own, name: this.#name, fd };
    if (this.#table === null) return;
    for (const row of this.#table.rows.values()) {
      if (row.pid === own || row.links === null || !this.#isRelative(row.pid)) continue;
      for (const [fd, link] of row.links) if (mayBe(entry, link)) yield { pid: row.pid, name: row.name, fd };
    }
  }

  #isRelative(pid: number): boolean {
    const own = this.#instance.pid;
    return this.#table?.isAncestor(own, pid) === true || this.#table?.isAncestor(pid, own) === true;
  }
}

function mayBe(entry: PlacedEntry, link: string): boolean {
  const parsed = parseFdLink(link);
  const hasInode = parsed.type === 'socket' || parsed.type === 'pipe';
  return !hasInode || entry.ino === null || parsed.inode === String(entry.ino);
}
