import { sliced } from '../fd/slicedWait.ts';
import { check } from '../fd/systemError.ts';
import { poll, type PollFd, POLLIN } from '../sys/index.ts';
import type { DirectEntry } from './directEntry.ts';
import type { Registration } from './registration.ts';

/** A direct entry with the registration that it serves. */
export type DirectPair = readonly [entry: DirectEntry, registration: Registration];

/** The entries of one reactor that have an epoll instance of their own (see DirectEntry). */
export class DirectEntries {
  readonly #pairs = new Map<DirectEntry, Registration>();

  get empty(): boolean {
    return this.#pairs.size === 0;
  }

  add(entry: DirectEntry, registration: Registration): void {
    this.#pairs.set(entry, registration);
  }

  /** Closes an entry. */
  close(entry: DirectEntry): void {
    this.#pairs.delete(entry);
    entry.close();
  }

  /**
   * Waits until the reactor's own instance or one of these descriptors is ready, asking all at once with poll(2): a member of
   * the reactor's instance would be asked twice, and the second answer would be no.
   *
   * @returns the entries with something to take
   * @throws {SystemError} ENOMEM, EINVAL
   */
  wait(epfd: number, timeoutMs: number): DirectPair[] {
    const pairs = [...this.#pairs];
    const due = ([entry, registration]: DirectPair): boolean => entry.pending && registration.armed;
    const fds: PollFd[] = [{ fd: epfd, events: POLLIN, revents: 0 }];
    for (const [entry, registration] of pairs) if (registration.armed) fds.push(entry.pollFd);
    const answer = sliced(pairs.some(due) ? 0 : timeoutMs, (ms) => poll(fds, Math.ceil(ms)));
    check(answer, 'poll', { fd: epfd });
    for (const { fd, revents } of fds) if (revents > 0 && fd !== epfd) this.#entryOf(fd)?.keep(revents);
    return pairs.filter(due);
  }

  #entryOf(fd: number): DirectEntry | undefined {
    for (const [entry, registration] of this.#pairs) if (registration.fd === fd) return entry;
    return undefined;
  }
}
