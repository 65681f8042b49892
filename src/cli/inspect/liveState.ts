import type { EpollInstance, Finding, InspectedEntry } from '../../inspect/index.ts';
import { escapeText } from '../escape.ts';
import { type EntryRate, entryKey, rateText } from './entryRates.ts';
import { entryColumns, entryRow } from './entryRow.ts';
import type { Paint } from './paint.ts';
import type { Report } from './report.ts';
import { processTitle } from './reportText.ts';
import { cut, textTable } from './textTable.ts';

const sorts = ['fd', 'what', 'ready', 'rate'] as const;
const filters = ['all', 'ready', 'not armed', 'findings'] as const;

/** What a key does. */
export type LiveKey = 'down' | 'up' | 'sort' | 'filter';

/** A process of the live view. */
export interface LiveProcess extends Report {
  readonly rates: ReadonlyMap<string, EntryRate>;
  /** It has ended: what is shown is how it was. */
  readonly ended: boolean;
}

interface Row {
  readonly instance: EpollInstance;
  readonly entry: InspectedEntry;
  readonly rate: EntryRate | undefined;
  readonly isFound: boolean;
}

/** What the live view shows: in which order, of what, and from which line on. */
export class LiveState {
  #sort = 0;
  #filter = 0;
  #top = 0;

  press(key: LiveKey): void {
    if (key === 'down') this.#top += 1;
    if (key === 'up') this.#top = Math.max(0, this.#top - 1);
    if (key === 'sort') this.#sort = (this.#sort + 1) % sorts.length;
    if (key === 'filter') this.#filter = (this.#filter + 1) % filters.length;
  }

  /** The lines of the screen: exactly `height`, none longer than `width` characters that are seen. */
  lines(
    processes: readonly LiveProcess[],
    { width, height, paint }: { width: number; height: number; paint: Paint },
  ): string[] {
    const body = processes.flatMap((process) => this.#processLines(process, width));
    const room = Math.max(1, height - 2);
    this.#top = Math.max(0, Math.min(this.#top, body.length - room));
    const shown = body.slice(this.#top, this.#top + room).map((line) => cut(line, width));
    const more = body.length > room ? `  lines ${this.#top + 1} to ${this.#top + shown.length} of ${body.length}` : '';
    const head = `epoll inspect  sort: ${sorts[this.#sort]}  filter: ${filters[this.#filter]}${more}`;
    const foot = 'q quit  j k move  s sort  f filter';
    const padding = Array.from({ length: room - shown.length }, () => '');
    return [paint('inverse', cut(head, width).padEnd(width)), ...shown, ...padding, paint('dim', cut(foot, width))];
  }

  #processLines({ snapshot, findings, rates, ended }: LiveProcess, width: number): string[] {
    const title = `${processTitle(snapshot)}${ended ? '  (has ended)' : ''}`;
    const lines = [title];
    for (const instance of snapshot.instances) {
      const rows = instance.entries.map((entry) => ({
        instance,
        entry,
        rate: rates.get(entryKey(instance, entry)),
        isFound: findings.some(({ epfd, fd }) => epfd === instance.fd && fd === entry.fd),
      }));
      const kept = rows.filter((row) => this.#keeps(row));
      lines.push(`  epoll fd ${instance.fds.join(' = ')}  ${kept.length} of ${rows.length} entries`);
      if (kept.length === 0) continue;
      const cells = kept
        .toSorted((a, b) => this.#compare(a, b))
        .map(({ entry, rate }) => [...entryRow(entry), rate === undefined ? '' : rateText(rate)]);
      lines.push(
        ...textTable([...entryColumns, { title: 'READY % AND RATES' }], cells, width - 4).map((line) => `    ${line}`),
      );
    }
    return [...lines, ...findings.map((finding) => findingLine(finding)), ''];
  }

  #keeps({ entry, isFound }: Row): boolean {
    switch (filters[this.#filter]) {
      case 'ready':
        return (entry.ready ?? 0) !== 0;
      case 'not armed':
        return !entry.armed || entry.ghost === true;
      case 'findings':
        return isFound;
      default:
        return true;
    }
  }

  #compare(a: Row, b: Row): number {
    const byFd = a.entry.fd - b.entry.fd;
    switch (sorts[this.#sort]) {
      case 'what':
        return a.entry.target.kind.localeCompare(b.entry.target.kind) || byFd;
      case 'ready':
        return (b.rate?.readyShare ?? 0) - (a.rate?.readyShare ?? 0) || byFd;
      case 'rate':
        return total(b.rate) - total(a.rate) || byFd;
      default:
        return byFd;
    }
  }
}

function total(rate: EntryRate | undefined): number {
  return (rate?.received ?? 0) + (rate?.acknowledged ?? 0);
}

function findingLine({ code, epfd, fd, evidence }: Finding): string {
  const where = [epfd === null ? '' : ` epoll fd ${epfd}`, fd === null ? '' : ` fd ${fd}`].join('');
  return `  ! ${code}${where}: ${escapeText(evidence)}`;
}
