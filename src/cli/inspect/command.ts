import { SystemError } from '../../index.ts';
import {
  findings,
  findProcesses,
  inspectProcess,
  type ProcessSnapshot,
  ProcessTable,
  sampleProcess,
} from '../../inspect/index.ts';
import { EACCES, ESRCH } from '../../sys/index.ts';
import { escapeJson, escapeText } from '../escape.ts';
import { printText } from '../printText.ts';
import { wantsColour } from '../watch/render.ts';
import { help } from './help.ts';
import { jsonDocument } from './jsonDocument.ts';
import { type InspectCommandOptions, parseOptions } from './options.ts';
import { paintWith } from './paint.ts';
import type { Report } from './report.ts';
import { reportLines } from './reportText.ts';
import { resolveProcesses } from './resolveProcesses.ts';
import { watchProcesses } from './watchProcesses.ts';

const found = 3;
const looksInSample = 5;

/**
 * `epoll inspect`.
 *
 * @param args what was typed after `inspect`
 * @returns the exit status
 * @throws {UsageError} for a wrong command line
 */
export async function inspect(args: readonly string[]): Promise<number> {
  const options = parseOptions(args);
  if (options === null) return printText(help);
  const { pids, faults } = options.all
    ? { pids: findProcesses().map(({ pid }) => pid), faults: [] }
    : resolveProcesses(options.processes);
  for (const fault of faults) note(fault);
  if (pids.length === 0) return 1;
  if (options.watch) return watchProcesses(pids, options);
  const { reports, failed } = await lookInto(pids, options);
  const unwritten = await show(reports, options);
  if (unwritten !== 0) return unwritten;
  if (faults.length > 0 || failed > 0) return 1;
  return reports.some((report) => report.findings.length > 0) ? found : 0;
}

interface Looked {
  readonly reports: readonly Report[];
  /** How many of those that were asked for could not be looked into. */
  readonly failed: number;
}

async function lookInto(pids: readonly number[], options: InspectCommandOptions): Promise<Looked> {
  const reports: Report[] = [];
  const refused: unknown[] = [];
  const table = new ProcessTable();
  // All at the same time: the looks of one process are made while the others wait for theirs.
  await Promise.all(
    pids.map(async (pid) => {
      try {
        const samples = await samplesOf(pid, table, options);
        const [first] = samples;
        if (first === undefined || (options.all && first.instances.length === 0)) return;
        reports.push({ snapshot: first, findings: findings(samples) });
      } catch (error) {
        if (!(error instanceof SystemError)) throw error;
        // With --all, what ended meanwhile was not asked for.
        if (!options.all || error.errno !== -ESRCH) refused.push(error);
      }
    }),
  );
  if (options.all && refused.every((error) => error instanceof SystemError && error.errno === -EACCES)) {
    if (refused.length > 0)
      note(`${refused.length} processes of other users were left out: they need root or CAP_SYS_PTRACE`);
    return {
      reports: reports.toSorted((a, b) => a.snapshot.pid - b.snapshot.pid),
      failed: reports.length === 0 && refused.length === pids.length ? 1 : 0,
    };
  }
  for (const error of refused) note(error instanceof Error ? error.message : String(error));
  return {
    reports: reports.toSorted((a, b) => pids.indexOf(a.snapshot.pid) - pids.indexOf(b.snapshot.pid)),
    failed: refused.length,
  };
}

async function samplesOf(pid: number, table: ProcessTable, options: InspectCommandOptions): Promise<ProcessSnapshot[]> {
  const { ready, sampleMs } = options;
  const ghosts = options.exact ? 'exact' : true;
  if (options.all && table.rows.get(pid)?.links?.size === 0) return [];
  if (sampleMs === 0) return [inspectProcess(pid, { ready, ghosts, table })];
  return sampleProcess(pid, { ready, ghosts, table, forMs: sampleMs, looks: sampleMs < 1_000 ? 2 : looksInSample });
}

/** @returns the exit status of the writing alone */
async function show(reports: readonly Report[], { json }: InspectCommandOptions): Promise<number> {
  if (json) return printText(`${escapeJson(JSON.stringify(jsonDocument(reports)))}\n`);
  const look = {
    paint: paintWith(wantsColour(process.stdout, process.env)),
    width: process.stdout.isTTY ? process.stdout.columns : Infinity,
  };
  const lines = reports.flatMap((report, index) => [...(index === 0 ? [] : ['']), ...reportLines(report, look)]);
  return lines.length > 0 ? printText(`${lines.join('\n')}\n`) : 0;
}

function note(text: string): void {
  process.stderr.write(`epoll inspect: ${escapeText(text)}\n`);
}
