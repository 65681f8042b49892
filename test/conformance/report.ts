import type { Entry } from './catalogue.ts';
import type { Outcome } from './outcome.ts';

/** The lines that tell of an entry: none for a passed one. */
export function outcomeLines(entry: Entry, outcome: Outcome): string[] {
  switch (outcome.kind) {
    case 'passed':
      return [];
    case 'skipped':
      return [`SKIP ${entry.id}: ${outcome.reason}`];
    case 'failed':
      return outcome.failures.map(({ step, text }) => {
        const where = step === undefined ? '' : ` step ${step} \`${entry.setup[step] ?? ''}\``;
        return `FAIL ${entry.id}${where}: ${text}`;
      });
  }
}

/** One line per area for the prose entries, which no runner can carry out. */
export function proseLines(entries: readonly Entry[]): string[] {
  const byArea = new Map<string, string[]>();
  for (const { area, id } of entries) byArea.set(area, [...(byArea.get(area) ?? []), id]);
  return [...byArea].map(
    ([area, ids]) => `SKIP ${ids.length} prose in area ${area}: each wants a hand-written test (${ids.join(', ')})`,
  );
}
