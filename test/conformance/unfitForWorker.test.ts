import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseStep } from './step.ts';
import { unfitForWorker } from './unfitForWorker.ts';

test('unfitForWorker() refuses a siginfo for the process itself that only its main thread may send', () => {
  const steps = ['pidfd_open Q self', 'pidfd_signal Q 0 si_signo=0 si_code=-6'].map(parseStep);
  assert.match(unfitForWorker(steps) ?? '', /^step `pidfd_signal Q 0 si_signo=0 si_code=-6`: /);
});

test('unfitForWorker() has nothing against other signals', () => {
  const steps = [
    'pidfd_open P C',
    'pidfd_signal P USR1 si_signo=USR1 si_code=-6',
    'pidfd_open Q self',
    'pidfd_signal Q 0',
  ];
  assert.equal(unfitForWorker(steps.map(parseStep)), undefined);
});
