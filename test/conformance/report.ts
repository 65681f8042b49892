import type { Entry } from './catalogue.ts';
import type { Outcome } from './outcome.ts';
import type { ProseCover } from './proseCover.ts';

/** The lines that tell of an entry: none for one that passed in its first run. */
export function outcomeLines(entry: Entry, outcome: Outcome): string[] {
  switch (outcome.kind) {
    case 'passed':
      return outcome.runs === undefined ? [] : [`LATE ${entry.id}: passed in run ${outcome.runs}`];
    case 'skipped':
      return [`SKIP ${entry.id}: ${outcome.reason}`];
    case 'failed':
      return outcome.failures.map(({ step, text }) => {
        const where = step === undefined ? '' : ` step ${step} \`${entry.setup[step] ?? ''}\``;
        return `FAIL ${entry.id}${where}: ${text}`;
      });
  }
}

/** A line for each prose entry, which no runner can carry out: the test that a person wrote, or why there is none. */
export function proseLines(entries: readonly Entry[], covers: ReadonlyMap<Entry, ProseCover>): string[] {
  const lines = entries.map((entry) => `SKIP ${entry.id}: prose, ${coverText(covers.get(entry))}`);
  const tested = entries.filter((entry) => 'test' in (covers.get(entry) ?? {})).length;
  return entries.length === 0
    ? []
    : [
        ...lines,
        `${entries.length} prose entries: ${tested} with a hand-written test, ${entries.length - tested} without`,
      ];
}

function coverText(cover: ProseCover | undefined): string {
  if (cover === undefined) return 'and wants a hand-written test';
  return 'test' in cover ? `tested by hand in ${cover.test}` : `not tested: ${cover.reason}`;
}
