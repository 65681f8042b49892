import { errnoName, EPOLLET, EPOLLEXCLUSIVE, EPOLLONESHOT } from 'epoll-ts/sys';
import type { ModelEvent } from './modelEpoll.ts';

/** What the sequences have come through: a model that was never asked proves nothing. */
export class Coverage {
  readonly #counts = new Map<string, number>();

  #count(what: string, by = 1): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + by);
  }

  /** A call of epoll_ctl was answered. */
  answer(value: number): void {
    this.#count(value < 0 ? errnoName(value) : 'epoll_ctl');
  }

  /** A wait was answered, with so many candidates before it. */
  wait(events: readonly ModelEvent[], candidates: number, isGhost: (event: ModelEvent) => boolean): void {
    this.#count('waits');
    this.#count('events', events.length);
    if (events.length < candidates) this.#count('candidates left or not ready');
    for (const event of events) {
      const { entry } = event;
      if ((entry.events & EPOLLET) !== 0) this.#count('edge-triggered');
      if ((entry.events & EPOLLONESHOT) !== 0) this.#count('one-shot');
      if ((entry.events & EPOLLEXCLUSIVE) !== 0) this.#count('exclusive');
      if (entry.file.kind === 'epoll') this.#count('nested');
      if (isGhost(event)) this.#count('ghosts');
    }
  }

  get(what: string): number {
    return this.#counts.get(what) ?? 0;
  }

  /** `events 123, ghosts 4`, by name. */
  toString(): string {
    return [...this.#counts]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([what, count]) => `${what} ${count}`)
      .join(', ');
  }
}
