// Linux against a small model of it: see ./model/modelEpoll.ts for what is modelled, and what was learnt.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Coverage } from './model/coverage.ts';
import { keptSequences } from './model/keptSequences.ts';
import { kernelProperty, runSteps } from './model/kernelProperty.ts';

// Emulated, everything takes some ten times as long (scripts/test-arm64.mjs).
const runs = process.env['EPOLL_TS_EMULATED'] === undefined ? 2_000 : 500;

test(`epoll_ctl and epoll_wait answer ${runs} sequences of calls as the model does, event by event`, () => {
  const coverage = new Coverage();
  fc.assert(kernelProperty(coverage), { numRuns: runs });
  for (const what of ['events', 'edge-triggered', 'one-shot', 'exclusive', 'nested', 'ghosts', 'ELOOP', 'EEXIST']) {
    assert.ok(coverage.get(what) > runs / 100, `the sequences hardly come to ${what}: ${String(coverage)}`);
  }
});

for (const [what, steps] of Object.entries(keptSequences)) {
  test(`kept: ${what}`, () => {
    const coverage = new Coverage();
    runSteps(steps, coverage);
    assert.equal(coverage.get('waits'), steps.filter((step) => step.do === 'wait').length + 2, 'no step was left out');
  });
}
