import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exampleLimitMs, outputOf } from '../support/exampleProcess.ts';

test('the example fd-passing has the other process answer', { timeout: exampleLimitMs }, async (t) => {
  assert.deepEqual((await outputOf(t, 'fd-passing')).split('\n').toSorted(), [
    '',
    'accepted, and passed on',
    'asked: who are you',
    'the client was answered: uoy era ohw',
  ]);
});
