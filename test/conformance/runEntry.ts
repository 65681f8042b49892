import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { Entry } from './catalogue.ts';
import { expectationProblems } from './expectation.ts';
import { missingCapability } from './missingCapability.ts';
import { channelFd, type ChildLine, type Job, type Outcome } from './outcome.ts';
import { blockSignals } from './raw/blockSignals.ts';
import { parseStep, type Step } from './step.ts';
import { unfitForWorker } from './unfitForWorker.ts';
import { untilInTime } from './untilInTime.ts';
import { verbOf } from './verbs.ts';

/** How an entry is run. */
export interface RunOptions {
  /** The fresh directory of the entry; it is made here, and removed afterwards. */
  readonly directory: string;
  readonly inWorker: boolean;
  readonly limitMs: number;
}

const childProgram = fileURLToPath(new URL('./child.js', import.meta.url));
// The beginning: Node tells first what is wrong, then where.
const complaintLength = 600;
const running = new Set<ChildProcess>();

/**
 * Runs one strict entry in a process of its own, so that a bad call, a changed signal mask or a lost descriptor hurts
 * no other.
 */
export async function runEntry(entry: Entry, options: RunOptions): Promise<Outcome> {
  const refused = refusal(entry, options.inWorker);
  if (refused !== undefined) return refused;
  return untilInTime(async () => {
    mkdirSync(options.directory, { recursive: true });
    try {
      return await supervise({ entry, ...options });
    } finally {
      rmSync(options.directory, { recursive: true, force: true });
    }
  });
}

/** What can be said of an entry without running it; undefined: nothing against it. */
function refusal(entry: Entry, inWorker: boolean): Outcome | undefined {
  if (entry.expect.length === 0) return { kind: 'skipped', reason: 'it expects nothing' };
  let steps: readonly Step[];
  try {
    steps = entry.setup.map(parseStep);
  } catch (error) {
    return { kind: 'failed', failures: [{ step: undefined, text: String(error) }] };
  }
  const unknown = steps.flatMap((step) => step.calls).find((call) => verbOf(call) === undefined);
  if (unknown !== undefined) return { kind: 'skipped', reason: `step \`${unknown.text}\` is not supported yet` };
  const unfit = missingCapability(steps) ?? (inWorker ? unfitForWorker(steps) : undefined);
  if (unfit !== undefined) return { kind: 'skipped', reason: unfit };
  const problems = expectationProblems(entry.expect, steps.length);
  if (problems.length === 0) return undefined;
  return { kind: 'failed', failures: problems.map((text) => ({ step: undefined, text })) };
}

async function supervise(job: Job): Promise<Outcome> {
  // A process group of its own, so that whatever the scenario starts can be ended with it.
  const child = spawn(process.execPath, [childProgram], { stdio: ['pipe', 'ignore', 'pipe', 'pipe'], detached: true });
  running.add(child);
  let outcome: Outcome | undefined;
  let timedOut = false;
  let complaints = '';
  child.stderr
    ?.setEncoding('utf8')
    .on('data', (text: string) => (complaints = (complaints + text).slice(0, complaintLength)));
  const channel = child.stdio[channelFd] as Readable & Writable;
  onLines(channel, (line) => {
    if (line.kind === 'outcome') outcome = line.outcome;
    else channel.write(`${blockSignals(line.threads)}\n`);
  });
  // A child that dies early breaks these; its exit tells what matters.
  for (const stream of [channel, child.stdin]) stream?.on('error', () => undefined);
  child.stdin?.end(JSON.stringify(job));
  const timer = setTimeout(() => {
    timedOut = true;
    endGroup(child);
  }, job.limitMs);
  const end = await ended(child, channel);
  clearTimeout(timer);
  endGroup(child);
  running.delete(child);
  if (outcome !== undefined) return outcome;
  const why = timedOut ? `timeout: it was not done after ${job.limitMs / 1000} s` : `its process ended by ${end}`;
  const said = complaints.trim().replaceAll(/\s*\n\s*/g, ' | ');
  return { kind: 'failed', failures: [{ step: undefined, text: said === '' ? why : `${why}: ${said}` }] };
}

function onLines(channel: Readable, handle: (line: ChildLine) => void): void {
  let rest = '';
  channel.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) handle(JSON.parse(line) as ChildLine);
  });
}

/** Waits until the process is gone and all that it said has arrived. */
async function ended(child: ChildProcess, channel: Readable): Promise<string> {
  const exit = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => resolve(signal === null ? `exit code ${code}` : `signal ${signal}`));
    child.once('error', (error) => resolve(error.message));
  });
  const closed = new Promise<void>((resolve) => {
    channel.once('close', () => resolve());
  });
  const [end] = await Promise.all([exit, closed]);
  return end;
}

function endGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // ESRCH: nobody of the group is left.
  }
}

/** Ends every child process that is still running. */
export function endRunning(): void {
  for (const child of running) endGroup(child);
}
