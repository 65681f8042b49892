// The conformance runner: `npm run conformance -- [--file FILE] [--area A,B] [--id X] [--except X] [--in-worker]`.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CatalogueError, type Entry, readCatalogue } from './catalogue.ts';
import { type Options, parseOptions, usage, UsageError } from './options.ts';
import type { Outcome } from './outcome.ts';
import { coversOf } from './proseCover.ts';
import { outcomeLines, proseLines } from './report.ts';
import { endRunning, runEntry } from './runEntry.ts';

// Two: one scenario sleeps while the other's process starts. More would disturb the times that scenarios measure.
const concurrency = 2;
const limitMs = 60_000;
const leftOut: Outcome = { kind: 'skipped', reason: 'named by --except' };

function print(lines: readonly string[]): void {
  for (const line of lines) process.stdout.write(`${line}\n`);
}

async function main(): Promise<number> {
  let options: Options;
  let selected: Entry[];
  try {
    options = parseOptions(process.argv.slice(2), process.env);
    if (options.help) {
      process.stdout.write(usage);
      return 0;
    }
    selected = select(readCatalogue(options.file), options);
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof CatalogueError)) throw error;
    process.stderr.write(`${error.message}\n${error instanceof UsageError ? `\n${usage}` : ''}`);
    return 2;
  }
  if (selected.length === 0) {
    process.stderr.write(`Nothing was selected: no entry of ${options.file} is ${wanted(options)}\n`);
  }
  for (const area of options.areas.filter((name) => !selected.some((entry) => entry.area === name))) {
    process.stderr.write(`No entry was selected in area ${area}\n`);
  }
  const prose = selected.filter(({ mode }) => mode === 'prose');
  const counts = await runAll(
    selected.filter(({ mode }) => mode === 'strict'),
    options,
  );
  print(proseLines(prose, coversOf(prose)));
  print([`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped + prose.length} skipped`]);
  return counts.failed === 0 && counts.passed > 0 ? 0 : 1;
}

function select(entries: readonly Entry[], { areas, ids }: Options): Entry[] {
  return entries.filter(
    ({ area, id }) => (areas.length === 0 || areas.includes(area)) && (ids.length === 0 || ids.includes(id)),
  );
}

function wanted({ areas, ids }: Options): string {
  const parts = [
    areas.length === 0 ? '' : `in area ${areas.join(', ')}`,
    ids.length === 0 ? '' : `called ${ids.join(', ')}`,
  ];
  return parts.filter((part) => part !== '').join(' and ') || 'there';
}

async function runAll(
  entries: readonly Entry[],
  { except, inWorker }: Options,
): Promise<Record<Outcome['kind'], number>> {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const root = mkdtempSync(path.join(tmpdir(), 'epoll-ts-conformance-'));
  const stop = (): void => {
    endRunning();
    rmSync(root, { recursive: true, force: true });
    process.exit(1);
  };
  process.once('SIGINT', stop).once('SIGTERM', stop);
  const queue = entries.entries();
  const lane = async (): Promise<void> => {
    for (const [index, entry] of queue) {
      const outcome = except.includes(entry.id)
        ? leftOut
        : await runEntry(entry, { directory: path.join(root, String(index)), inWorker, limitMs });
      counts[outcome.kind]++;
      print(outcomeLines(entry, outcome));
    }
  };
  try {
    await Promise.all(Array.from({ length: concurrency }, lane));
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
  return counts;
}

process.exitCode = await main();
