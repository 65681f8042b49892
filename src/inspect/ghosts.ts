import type { ListedEntry } from '../fd/epollEntry.ts';
import { EBADF, ENOENT, KCMP_EPOLL_TFD, kcmp } from '../sys/index.ts';
import type { FileRef } from './fileOrder.ts';
import { isVanished } from './openProcess.ts';
import { parseFdLink } from './parse/fdLink.ts';

/** An entry with its place among those of the same number, as kcmp(2) counts them. */
export interface PlacedEntry extends ListedEntry {
  readonly toff: number;
}

/** Counts entries of one number: fdinfo lists them in the order in which kcmp's `toff` counts. */
export function placeEntries(entries: readonly ListedEntry[]): PlacedEntry[] {
  const seen = new Map<number, number>();
  return entries.map((entry) => {
    const toff = seen.get(entry.fd) ?? 0;
    seen.set(entry.fd, toff + 1);
    return { ...entry, toff };
  });
}

/**
 * Whether a descriptor of a process is the file that an entry of an instance watches; null: the kernel refuses to tell.
 */
export function isWatchedFile(ref: FileRef, instance: FileRef, entry: PlacedEntry): boolean | null {
  const slot = { efd: instance.fd, tfd: entry.fd, toff: entry.toff };
  const answer = kcmp(ref.pid, instance.pid, KCMP_EPOLL_TFD, ref.fd, slot);
  if (answer >= 0) return answer === 0;
  return answer === -EBADF ? false : null;
}

/** Finds out which entries of an instance are ghosts. */
export class GhostFinder {
  readonly #instance: FileRef;
  readonly #links: ReadonlyMap<number, string>;
  readonly #sharers: readonly FileRef[];
  readonly #budgetMs: number;
  readonly #begin = process.cpuUsage();
  #asked = 0;
  /** Whether the kernel refused to tell of some entry. */
  refused = false;
  /** Whether there were too many to ask for in the time. */
  late = false;

  /**
   * @param instance a descriptor of the process's epoll instance
   * @param links what the process's descriptors link to
   * @param sharers the same instance in other processes: an entry that one of them added is no ghost while that one has
   *   it
   * @param budgetMs how much CPU time to ask for. The kernel searches the list from its beginning for every question:
   *   10,000 eventfds took 1 s, 100,000 would take 100 (Linux 6.18). Sockets are told apart by their inode, without
   *   asking
   */
  constructor(instance: FileRef, links: ReadonlyMap<number, string>, sharers: readonly FileRef[], budgetMs: number) {
    this.#instance = instance;
    this.#links = links;
    this.#sharers = sharers;
    this.#budgetMs = budgetMs;
  }

  /** true, false, or null: it can't be told. `'gone'`: there is no such entry any more. */
  isGhost(entry: PlacedEntry): boolean | null | 'gone' {
    const link = this.#links.get(entry.fd);
    const here = link === undefined ? false : this.#isSame(entry, link);
    if (here === 'gone') return 'gone';
    if (here === null || here) return here === null ? null : false;
    return !this.#sharers.some(({ pid }) => isWatchedFile({ pid, fd: entry.fd }, this.#instance, entry) === true);
  }

  #isSame(entry: PlacedEntry, link: string): boolean | null | 'gone' {
    const parsed = parseFdLink(link);
    // A socket has one open file description, so its inode says it all.
    if (parsed.type === 'socket' && entry.ino !== null) return parsed.inode === String(entry.ino);
    if (parsed.type === 'pipe' && entry.ino !== null && parsed.inode !== String(entry.ino)) return false;
    if (this.late || this.#isOver()) {
      this.late = true;
      return null;
    }
    const slot = { efd: this.#instance.fd, tfd: entry.fd, toff: entry.toff };
    const answer = kcmp(this.#instance.pid, this.#instance.pid, KCMP_EPOLL_TFD, entry.fd, slot);
    if (answer >= 0) return answer === 0;
    if (answer === -EBADF) return false;
    if (answer === -ENOENT || isVanished(answer)) return 'gone';
    this.refused = true;
    return null;
  }

  #isOver(): boolean {
    if (this.#budgetMs < 0) return true;
    this.#asked += 1;
    if (this.#asked % 64 !== 0) return false;
    const { user, system } = process.cpuUsage(this.#begin);
    return (user + system) / 1_000 > this.#budgetMs;
  }
}
