import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Outcome } from './outcome.ts';
import { outcomeLines } from './report.ts';
import { strictEntry } from './runConformance.ts';
import { untilInTime } from './untilInTime.ts';

const passed: Outcome = { kind: 'passed' };
const late: Outcome = {
  kind: 'failed',
  failures: [{ step: 3, text: 'elapsed_ms: got 138, wanted [25,85]', late: true }],
};
const early = { step: 3, text: 'elapsed_ms: got 24, wanted [25,85]', late: false };
const wrong = { step: 3, text: 'ret: got 0, wanted 1' };

/** Answers one after another, the last of them again and again, and counts. */
function runs(...answers: readonly Outcome[]): { run: () => Promise<Outcome>; count: () => number } {
  let count = 0;
  return {
    run: () => Promise.resolve(answers[Math.min(count++, answers.length - 1)] ?? passed),
    count: () => count,
  };
}

test('an entry that was only late is run again, and passes, and says so, if it is in time then', async () => {
  const { run, count } = runs(late, late, passed);
  const outcome = await untilInTime(run);
  assert.deepEqual(outcome, { kind: 'passed', runs: 3 });
  assert.deepEqual(outcomeLines(strictEntry('one', [], {}), outcome), ['LATE one: passed in run 3']);
  assert.equal(count(), 3);
});

test('an entry that is late in each of five runs has failed', async () => {
  const { run, count } = runs(late);
  assert.deepEqual(await untilInTime(run), late);
  assert.equal(count(), 5);
});

test('an entry that was too early, failed in another way too, passed or was skipped is not run again', async () => {
  const mixed: Outcome[] = [early, wrong].map((other) => ({ kind: 'failed', failures: [...late.failures, other] }));
  for (const answer of [...mixed, passed, { kind: 'skipped', reason: 'none' } as const]) {
    const { run, count } = runs(answer);
    assert.deepEqual(await untilInTime(run), answer);
    assert.equal(count(), 1);
  }
});
