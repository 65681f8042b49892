import type { FaultReport } from './child.ts';
import type { FaultCase } from './faultCases.ts';
import { runTraced, type Traced, type TracedThread } from './traced.ts';

/** Runs a program under a fault. @returns what is wrong with what came of it, '' where nothing is */
export async function faultProblem(one: FaultCase, thread: TracedThread = 'main'): Promise<string> {
  const { program, injection } = one;
  const injections = injection.split(' + ');
  const traced = await runTraced(thread, ['program', program], injections);
  const missed = injections.filter((each) => !traced.injected.some((line) => line.startsWith(`${callOf(each)}(`)));
  return problemOf(traced, missed, one);
}

function callOf(injection: string): string {
  return injection.slice(0, injection.indexOf(':'));
}

function problemOf({ report, ending }: Traced, missed: readonly string[], { expected, left = 0 }: FaultCase): string {
  if (report === undefined) return `the program did not report: it ${ending}`;
  if (missed.length > 0) return `the fault did not hit anything: ${missed.join(', ')}`;
  const { threw, returned, again, leaked } = report as FaultReport;
  const came =
    threw === null ? `returned ${returned}` : `threw ${threw.name} ${String(threw.code)} ${String(threw.syscall)}`;
  const wanted =
    'returns' in expected
      ? `returned ${expected.returns}`
      : `threw ${expected.name ?? 'SystemError'} ${expected.throws} ${expected.syscall}`;
  if (came !== wanted) return `${came}, not: ${wanted}`;
  if (again !== '') return `does not go on: ${again}`;
  return leaked.length === left ? '' : `left open, where ${left} can't be closed: ${leaked.join(', ')}`;
}
