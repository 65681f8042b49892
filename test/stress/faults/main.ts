// Faults: `npm run stress:faults -- [--only PART-OF-A-NAME] [--in-worker]`.
import { parseArgs } from 'node:util';
import * as sys from 'epoll-ts/sys';
import { callCases } from '../../support/callCases.ts';
import { faultRows } from './errnos.ts';
import { faultCases } from './faultCases.ts';
import { faultProblem } from './faultProblem.ts';
import { netCases } from './net/netCases.ts';
import { uncoveredCalls } from './net/netCalls.ts';
import { runScenes } from './scenes.ts';
import { CannotTrace, reasonNotToTrace, runTraced } from './traced.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    jobs: { type: 'string', default: '2' },
    'in-worker': { type: 'boolean', default: false },
  },
});
const thread = values['in-worker'] ? 'worker' : 'main';
const counts = { passed: 0, failed: 0, skipped: 0 };

function verdict(name: string, problem: string): void {
  if (problem === '') counts.passed++;
  else {
    counts.failed++;
    process.stdout.write(`not ok: ${name}: ${problem}\n`);
  }
}

/** Functions of sys that reach C and stand in no row of the table. */
function missingFunctions(): string[] {
  const listed = new Set(faultRows.flatMap(({ functions }) => functions));
  const reaching = [...callCases].filter(([, { reaches }]) => reaches > 0).map(([name]) => name.split(':')[0] ?? name);
  return [...new Set(reaching)].filter((name) => !listed.has(name));
}

/** Round `round`: each call fails with the error number `round` of its row, all in one process. */
async function runRound(round: number): Promise<void> {
  const rows = faultRows.flatMap(({ syscall, functions, errnos }) => {
    const there = functions.filter((name) => name in sys);
    const errno = errnos[round];
    return errno === undefined || there.length === 0 ? [] : [{ syscall, functions: there, errno }];
  });
  const args = ['calls', ...rows.flatMap(({ functions }) => functions)];
  const injections = rows.map(({ syscall, errno }) => `${syscall}:error=${errno}`);
  const { report, ending, injected } = await runTraced(thread, args, injections);
  const answers = (report ?? {}) as Readonly<Record<string, unknown>>;
  for (const { syscall, functions, errno } of rows) {
    for (const name of functions) {
      const expected = -(sys as unknown as Record<string, number>)[errno]!;
      const hit = injected.some((line) => line.startsWith(`${syscall}(`));
      const answer = answers[name];
      const wrong = answer === expected ? '' : `answered ${String(answer)}, not ${expected} (the program ${ending})`;
      verdict(`sys.${name} ${errno}`, hit ? wrong : `the fault in ${syscall} did not hit anything`);
    }
  }
}

async function traceAll(): Promise<void> {
  const missing = missingFunctions();
  verdict(
    'the table of errors',
    missing.length === 0 ? '' : `lacks the functions ${missing.join(', ')}: add them to errnos.ts`,
  );
  const uncovered = uncoveredCalls();
  verdict(
    'the table of net faults',
    uncovered.length === 0 ? '' : `has no case for ${uncovered.join(', ')}: add it to net/netCases.ts`,
  );
  const most = Math.max(...faultRows.map(({ errnos }) => errnos.length));
  const jobs: (() => Promise<void>)[] = [
    ...Array.from({ length: most }, (_, round) => () => runRound(round)).filter(
      () => 'sys'.includes(values.only) || values.only === '',
    ),
    ...[...faultCases, ...netCases]
      .filter(({ program, injection }) => `${program}, ${injection}`.includes(values.only))
      .map((one) => async () => verdict(`${one.program}, ${one.injection}`, await faultProblem(one, thread))),
  ];
  const queue = jobs.values();
  const lane = async (): Promise<void> => {
    for (const job of queue) await job();
  };
  await Promise.all(Array.from({ length: Number(values.jobs) }, lane));
}

async function main(): Promise<number> {
  const reason = reasonNotToTrace();
  try {
    if (reason !== '') throw new CannotTrace(reason);
    await traceAll();
  } catch (error) {
    if (!(error instanceof CannotTrace)) throw error;
    counts.skipped++;
    process.stdout.write(`skipped: the faults in system calls, as ${error.message}\n`);
  }
  if (thread === 'main' && (values.only === '' || 'scenes'.includes(values.only))) await runScenes(verdict);
  process.stdout.write(`faults: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`);
  return counts.failed === 0 && counts.passed > 0 ? 0 : 1;
}

process.exitCode = await main();
