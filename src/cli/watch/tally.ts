import { formatEvents } from '../../sys/index.ts';
import { escapeText } from '../escape.ts';
import { formatMs } from './duration.ts';

/** Counts the events of each source by their flags. */
export class Tally<Source extends { readonly name: string }> {
  readonly #counts = new Map<Source, Map<number, number>>();
  #total = 0;

  /** All events so far. */
  get total(): number {
    return this.#total;
  }

  /** The source is being watched: it is in the summary from now on. */
  begin(source: Source): void {
    this.#counts.set(source, new Map());
  }

  add(source: Source, mask: number): void {
    this.#total++;
    const counts = this.#counts.get(source);
    counts?.set(mask, (counts.get(mask) ?? 0) + 1);
  }

  /** A line on the whole, and one for each source. */
  summary(elapsedMs: number): string {
    const rows = [...this.#counts].map(([{ name }, counts]) => {
      const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
      const flags = [...counts].map(([mask, count]) => `${formatEvents(mask)} ${count}`).join(', ');
      return { name: escapeText(name), total: String(total), flags };
    });
    const nameWidth = Math.max(0, ...rows.map(({ name }) => name.length));
    const totalWidth = Math.max(0, ...rows.map(({ total }) => total.length));
    const lines = rows.map(({ name, total, flags }) =>
      `  ${name.padEnd(nameWidth)}  ${total.padStart(totalWidth)}  ${flags}`.trimEnd(),
    );
    const noun = this.#total === 1 ? 'event' : 'events';
    return [`Summary: ${this.#total} ${noun} in ${formatMs(elapsedMs)}`, ...lines].join('\n');
  }
}
