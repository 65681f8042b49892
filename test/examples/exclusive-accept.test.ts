import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exampleLimitMs, outputOf } from '../support/exampleProcess.ts';

test(
  'the example exclusive-accept serves all connects, and wakes fewer than four workers for each',
  { timeout: exampleLimitMs },
  async (t) => {
    const output = await outputOf(t, 'exclusive-accept');
    const [, served, wakeups] = /^(\d+) connects served with (\d+) wake-ups of 4 workers\n$/.exec(output) ?? [];
    assert.equal(served, '200', output);
    assert.ok(Number(wakeups) < 4 * 200, output);
  },
);
