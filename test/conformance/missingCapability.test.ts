import assert from 'node:assert/strict';
import { test } from 'node:test';
import { missingCapability } from './missingCapability.ts';
import { parseStep } from './step.ts';

const all = 2n ** 64n - 1n;

test('missingCapability() names the step and the capability that it needs', () => {
  const cases = [
    ['open X fanotify', 21n, 'CAP_SYS_ADMIN'],
    ['open X userfaultfd', 19n, 'CAP_SYS_PTRACE'],
    ['busyset E budget=65', 12n, 'CAP_NET_ADMIN'],
    ['timerfd T clock=REALTIME_ALARM', 35n, 'CAP_WAKE_ALARM'],
  ] as const;
  for (const [text, bit, capability] of cases) {
    const steps = ['eventfd V', text].map(parseStep);
    assert.equal(missingCapability(steps, all & ~(1n << bit)), `step \`${text}\` needs ${capability}`);
    assert.equal(missingCapability(steps, 1n << bit), undefined);
  }
});

test('missingCapability() has nothing against what everybody may do', () => {
  const steps = ['open X regular', 'busyset E budget=64', 'busyset E', 'timerfd T clock=REALTIME', 'timerfd T'].map(
    parseStep,
  );
  assert.equal(missingCapability(steps, 0n), undefined);
});
