// The reactor under random programs: see ./reactor/watched.ts for what must be true of each registration.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runNode } from '../support/runNode.ts';

test('a reactor serves 1,000 random programs: nothing lost, nothing twice, nothing to a wrong owner', () => {
  // In a process of its own: handlers throw, and the test runner takes an uncaught error for a failure.
  const { status, stdout, stderr } = runNode('build/test/stress/reactor.js', '--runs', '1000');
  assert.equal(status, 0, stdout + stderr);
  assert.match(stdout, /^passed: 1000 programs$/m);
  assert.equal(stderr, '');
  for (const what of ['events', 'registrations', 'throws', 'closes', 'left with a copy']) {
    const [, count] = new RegExp(`${what} (\\d+)`).exec(stdout) ?? [];
    assert.ok(Number(count) > 20, `the programs hardly come to ${what}: ${stdout}`);
  }
});
