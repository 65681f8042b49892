// The reactor under random programs: see ./reactor/watched.ts for what must be true of each registration.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runNode } from '../support/runNode.ts';

// Emulated, everything takes some ten times as long (scripts/test-arm64.mjs).
const runs = process.env['EPOLL_TS_EMULATED'] === undefined ? 1_000 : 200;

test(`a reactor serves ${runs} random programs: nothing lost, nothing twice, nothing to a wrong owner`, () => {
  // In a process of its own: handlers throw, and the test runner takes an uncaught error for a failure.
  const { status, stdout, stderr } = runNode('build/test/stress/reactor.js', '--runs', String(runs));
  assert.equal(status, 0, stdout + stderr);
  assert.match(stdout, new RegExp(`^passed: ${runs} programs$`, 'm'));
  assert.equal(stderr, '');
  for (const what of ['events', 'registrations', 'throws', 'closes', 'left with a copy']) {
    const [, count] = new RegExp(`${what} (\\d+)`).exec(stdout) ?? [];
    assert.ok(Number(count) > runs / 50, `the programs hardly come to ${what}: ${stdout}`);
  }
});
