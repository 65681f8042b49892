import { parseProcStat } from './parse/procStat.ts';
import { numbersIn, readFdLinks, readProc } from './readProc.ts';
import type { Holder } from './target.ts';

const epollLink = 'anon_inode:[eventpoll]';

/** A process of the table. */
export interface ProcessRow {
  readonly pid: number;
  readonly name: string;
  readonly parent: number;
  /** null: its descriptors may not be seen. */
  readonly links: ReadonlyMap<number, string> | null;
}

/**
 * Every process that /proc shows, with what its descriptors link to: made once, and used for all that is asked of
 * others.
 *
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { ProcessTable } from 'epoll-ts/inspect';
 *
 * const table = new ProcessTable();
 * assert.equal(table.rows.get(process.pid)?.pid, process.pid);
 * ```
 */
export class ProcessTable {
  readonly rows: ReadonlyMap<number, ProcessRow>;
  /** The epoll descriptors of all processes. */
  readonly epolls: readonly Holder[];
  /** How many processes may not be looked into. */
  readonly unreadable: number;
  readonly #holders = new Map<string, Holder[]>();

  constructor() {
    const rows = new Map<number, ProcessRow>();
    const epolls: Holder[] = [];
    let unreadable = 0;
    for (const pid of numbersIn('/proc') ?? []) {
      const stat = parseProcStat(readProc(`/proc/${pid}/stat`) ?? '');
      if (stat === null || stat.state === 'Z') continue;
      const links = readFdLinks(pid);
      if (links === null) unreadable += 1;
      rows.set(pid, { pid, name: stat.name, parent: stat.parent, links });
      for (const [fd, link] of links ?? []) {
        const holder: Holder = { pid, name: stat.name, fd };
        if (link === epollLink) epolls.push(holder);
        if (/^(?:socket|pipe):/.test(link) || link.startsWith('/')) this.#add(link, holder);
      }
    }
    this.rows = rows;
    this.epolls = epolls;
    this.unreadable = unreadable;
  }

  /** Who has a descriptor that links to this: `'socket:[4242]'`, or a path. */
  holders(link: string): readonly Holder[] {
    return this.#holders.get(link) ?? [];
  }

  /** Whether one process is a parent of another, or a parent's parent. */
  isAncestor(ancestor: number, pid: number): boolean {
    const seen = new Set<number>();
    for (let row = this.rows.get(pid); row !== undefined && !seen.has(row.pid); row = this.rows.get(row.parent)) {
      seen.add(row.pid);
      if (row.parent === ancestor) return true;
    }
    return false;
  }

  #add(link: string, holder: Holder): void {
    const list = this.#holders.get(link);
    if (list === undefined) this.#holders.set(link, [holder]);
    else list.push(holder);
  }
}

/** The epoll descriptors among what a process's descriptors link to. */
export function epollDescriptors(links: ReadonlyMap<number, string>): number[] {
  return [...links].flatMap(([fd, link]) => (link === epollLink ? [fd] : []));
}
