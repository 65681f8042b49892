import assert from 'node:assert/strict';
import { test } from 'node:test';
import { orderedByTime } from './orderedByTime.ts';
import { parseStep } from './step.ts';

const cases: readonly (readonly [what: string, steps: readonly string[], answer: boolean])[] = [
  ['a sleep', ['eventfd V', 'T1: sleep 100ms', 'T1: write V u64=1', 'read V u64'], true],
  ['a timer', ['timerfd T clock=MONOTONIC', 'settime T value=10ms', 'read T u64'], true],
  ['a process that ends by itself', ['spawn C exit_after=150ms', 'pidfd_open P C', 'poll P IN timeout=-1'], true],
  ['a wait for another thread', ['T1: write W u64=1', 'wait E max=10 timeout=100'], true],
  ['a wait for another thread without a limit', ['T1: write W u64=1', 'wait E max=10 timeout=-1'], false],
  ['a wait alone', ['eventfd A init=1', 'wait E max=1 timeout=100'], false],
  ['a thread that is joined', ['T1: write V u64=1', 'join T1', 'wait E max=1 timeout=0'], false],
];

for (const [what, steps, answer] of cases) {
  test(`orderedByTime() answers ${answer} for ${what}`, () => {
    assert.equal(orderedByTime(steps.map(parseStep)), answer);
  });
}
