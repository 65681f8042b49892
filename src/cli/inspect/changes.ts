import type { EpollInstance, Finding, InspectedEntry } from '../../inspect/index.ts';
import { targetText } from '../../inspect/findings/targetText.ts';
import { formatEvents } from '../../sys/index.ts';
import { readyText, stateText } from './entryRow.ts';
import { entryKey } from './entryRates.ts';
import type { Report } from './report.ts';

/** Something that is not as it was at the last look. */
export interface Change {
  readonly pid: number;
  readonly name: string;
  readonly epfd: number | null;
  readonly fd: number | null;
  readonly what: 'opened' | 'closed' | 'added' | 'removed' | 'events' | 'state' | 'ready' | 'finding' | 'resolved';
  /** What it is about, or what it was and is. */
  readonly detail: string;
}

/** What changed between two looks at one process. */
export function changesBetween(before: Report, after: Report): Change[] {
  const { pid, name } = after.snapshot;
  const change = (epfd: number | null, fd: number | null, what: Change['what'], detail: string): Change => {
    return { pid, name, epfd, fd, what, detail };
  };
  const then = new Map(before.snapshot.instances.map((instance) => [instance.fd, instance]));
  const now = new Map(after.snapshot.instances.map((instance) => [instance.fd, instance]));
  const changes: Change[] = [];
  for (const [fd, instance] of now) {
    if (!then.has(fd)) changes.push(change(fd, null, 'opened', entriesText(instance)));
    for (const each of entryChanges(then.get(fd), instance)) changes.push(change(fd, each.fd, each.what, each.detail));
  }
  for (const [fd, instance] of then) {
    if (now.has(fd)) continue;
    changes.push(change(fd, null, 'closed', entriesText(instance)));
  }
  const appeared = after.findings.filter((finding) => !has(before.findings, finding));
  const resolved = before.findings.filter((finding) => !has(after.findings, finding));
  for (const { epfd, fd, code, evidence } of appeared)
    changes.push(change(epfd, fd, 'finding', `${code}: ${evidence}`));
  for (const { epfd, fd, code } of resolved) changes.push(change(epfd, fd, 'resolved', code));
  return changes;
}

type EntryChange = Pick<Change, 'what' | 'detail'> & { readonly fd: number };

function* entryChanges(before: EpollInstance | undefined, after: EpollInstance): Generator<EntryChange> {
  const then = new Map((before?.entries ?? []).map((entry) => [entryKey(after, entry), entry]));
  for (const entry of after.entries) {
    const key = entryKey(after, entry);
    const old = then.get(key);
    then.delete(key);
    if (old === undefined)
      yield { fd: entry.fd, what: 'added', detail: `${targetText(entry.target)} ${formatEvents(entry.events)}` };
    else yield* differences(old, entry);
  }
  for (const entry of then.values()) yield { fd: entry.fd, what: 'removed', detail: targetText(entry.target) };
}

function* differences(before: InspectedEntry, after: InspectedEntry): Generator<EntryChange> {
  const { fd } = after;
  const arrow = (from: string, to: string): string => `${from} → ${to}`;
  if (before.events !== after.events) {
    yield { fd, what: 'events', detail: arrow(formatEvents(before.events), formatEvents(after.events)) };
  }
  if (stateText(before) !== stateText(after))
    yield { fd, what: 'state', detail: arrow(stateText(before), stateText(after)) };
  if (readyText(before) !== readyText(after))
    yield { fd, what: 'ready', detail: arrow(readyText(before), readyText(after)) };
}

function has(findings: readonly Finding[], { code, epfd, fd }: Finding): boolean {
  return findings.some((other) => other.code === code && other.epfd === epfd && other.fd === fd);
}

function entriesText({ entries }: EpollInstance): string {
  return `${entries.length} ${entries.length === 1 ? 'entry' : 'entries'}`;
}
