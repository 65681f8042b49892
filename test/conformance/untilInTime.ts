import type { Outcome } from './outcome.ts';

const mostRuns = 5;

/**
 * Runs an entry again that failed only as it does on a machine that is late: a time was too long, or came in another
 * order. Other programs do that. Where it is the kernel, or we, each run fails.
 */
export async function untilInTime(run: () => Promise<Outcome>): Promise<Outcome> {
  let outcome = await run();
  for (let runs = 2; runs <= mostRuns && isLate(outcome); runs++) {
    outcome = await run();
    if (outcome.kind === 'passed') return { kind: 'passed', runs };
  }
  return outcome;
}

function isLate(outcome: Outcome): boolean {
  return outcome.kind === 'failed' && outcome.failures.every(({ late }) => late === true);
}
