// Linux against a small model of it: see ./model/modelEpoll.ts for what is modelled, and what was learnt.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Coverage } from './model/coverage.ts';
import { keptSequences } from './model/keptSequences.ts';
import { kernelProperty, runSteps } from './model/kernelProperty.ts';

test('epoll_ctl and epoll_wait answer 2,000 sequences of calls as the model does, event by event', () => {
  const coverage = new Coverage();
  fc.assert(kernelProperty(coverage), { numRuns: 2_000 });
  for (const what of ['events', 'edge-triggered', 'one-shot', 'exclusive', 'nested', 'ghosts', 'ELOOP', 'EEXIST']) {
    assert.ok(coverage.get(what) > 20, `the sequences hardly come to ${what}: ${String(coverage)}`);
  }
});

for (const [what, steps] of Object.entries(keptSequences)) {
  test(`kept: ${what}`, () => {
    const coverage = new Coverage();
    runSteps(steps, coverage);
    assert.equal(coverage.get('waits'), steps.filter((step) => step.do === 'wait').length + 2, 'no step was left out');
  });
}
