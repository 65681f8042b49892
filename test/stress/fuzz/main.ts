// The fuzzer: `npm run stress:fuzz -- [--calls N] [--seed S] [--per-process N] [--workers N]`, with so many threads of
// `serve` in a process.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

interface Result {
  readonly calls: number;
  /** How many promises the calls answered with. */
  readonly promises: number;
  readonly tally: Readonly<Record<string, Row>>;
  readonly problems: readonly string[];
}

/** How often something returned and threw, and how many of its promises were fulfilled. */
interface Row {
  readonly returned: number;
  readonly threw: number;
  readonly fulfilled: number;
}

const { values } = parseArgs({
  options: {
    calls: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    'per-process': { type: 'string', default: '50000' },
    workers: { type: 'string', default: '0' },
    verbose: { type: 'boolean', default: false },
  },
});
// So long that only a hang takes longer, also where others have most of the machine.
const hangMs = 120_000;
const bin = fileURLToPath(import.meta.resolve('#epoll/cli/bin.js'));
const child = path.join(import.meta.dirname, 'child.js');

/** Runs one process of calls. */
function runChild(seed: number, calls: number, pid: number): Promise<Result> {
  const folder = mkdtempSync(path.join(tmpdir(), 'epoll-ts-fuzz-'));
  const journal = (): string => readFileSync(path.join(folder, 'journal'), 'utf8').trim();
  const { NODE_TEST_CONTEXT: _context, NODE_OPTIONS: _options, ...env } = process.env;
  const args = ['--expose-gc', '--no-warnings', child, '--seed', String(seed), '--calls', String(calls)];
  const running = spawn(
    process.execPath,
    [...args, '--pid', String(pid), '--folder', folder, '--workers', values.workers],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      env,
    },
  );
  const output = { stdout: '', stderr: '' };
  running.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  running.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  // The journal stands still.
  let last = '';
  let standing = '';
  const watch = setInterval(() => {
    const now = journal();
    if (now === last) {
      standing = whereItStands(running.pid);
      running.kill('SIGKILL');
    }
    last = now;
  }, hangMs);
  return new Promise((resolve) => {
    running.once('close', (code, signal) => {
      clearInterval(watch);
      const where = `seed ${seed}, in call ${journal()}`;
      rmSync(folder, { recursive: true, force: true });
      if (code === 0) return resolve(parse(output.stdout, seed));
      const how = signal === null ? `ended with ${code}` : `died of ${signal}`;
      resolve({
        calls: 0,
        promises: 0,
        tally: {},
        problems: [`the process ${how}: ${where}\n${standing}${output.stderr.slice(0, 4000)}`],
      });
    });
  });
}

/** What a process that hangs waits for, or spins on. */
function whereItStands(pid = 0): string {
  const call = readFileSync(`/proc/${pid}/syscall`, 'utf8');
  const { stdout } = spawnSync(process.execPath, [bin, 'inspect', String(pid)], { encoding: 'utf8' });
  return `/proc/${pid}/syscall: ${call}${stdout}`;
}

function parse(stdout: string, seed: number): Result {
  const start = stdout.lastIndexOf('{"calls"');
  const { problems, ...rest } = JSON.parse(stdout.slice(start)) as Result;
  const foreign = stdout.slice(0, start);
  const all = foreign === '' ? problems : [...problems, `wrote to standard output: ${JSON.stringify(foreign)}`];
  return { ...rest, problems: all.map((problem) => `seed ${seed}, ${problem}`) };
}

async function main(): Promise<number> {
  // A process that can be signalled without harm: of the signals that are drawn, only SIGHUP would end it.
  const victim = spawn('sh', ['-c', "trap '' HUP; exec sleep 86400"], { stdio: 'ignore' });
  const wanted = Number(values.calls);
  const each = Math.min(wanted, Number(values['per-process']));
  const tally = new Map<string, Row>();
  const problems: string[] = [];
  let calls = 0;
  let promises = 0;
  try {
    for (let part = 0; part * each < wanted && problems.length < 20; part++) {
      const seed = Number(values.seed) + part;
      const result = await runChild(seed, each, victim.pid ?? 0);
      calls += result.calls;
      promises += result.promises;
      for (const problem of result.problems.slice(0, 20)) process.stdout.write(`not ok: ${problem}\n`);
      problems.push(...result.problems);
      for (const [name, row] of Object.entries(result.tally)) tally.set(name, sum(row, tally.get(name)));
    }
  } finally {
    victim.kill('SIGKILL');
  }
  report(tally);
  process.stdout.write(
    `fuzz: ${calls} calls of ${tally.size} functions, methods, accessors and constructors, ` +
      `${promises} promises, seed ${values.seed}; ${problems.length} problems\n`,
  );
  return problems.length === 0 && calls >= wanted ? 0 : 1;
}

function sum(one: Row, other: Row | undefined): Row {
  return {
    returned: one.returned + (other?.returned ?? 0),
    threw: one.threw + (other?.threw ?? 0),
    fulfilled: one.fulfilled + (other?.fulfilled ?? 0),
  };
}

function report(tally: ReadonlyMap<string, Row>): void {
  const rows = [...tally].sort(([a], [b]) => a.localeCompare(b));
  if (values.verbose)
    for (const [name, { returned, threw, fulfilled }] of rows)
      process.stdout.write(`${name}: ${returned} returned, ${threw} threw, ${fulfilled} promises fulfilled\n`);
  const never = rows.filter(([, { returned }]) => returned === 0).map(([name]) => name);
  if (never.length > 0) process.stdout.write(`Never returned, only threw: ${never.join(', ')}\n`);
}

process.exitCode = await main();
