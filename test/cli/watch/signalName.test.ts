import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSignal } from '#epoll/cli/watch/signalName.js';

test('parseSignal() takes names with and without SIG, in any case, and numbers', () => {
  for (const typed of ['HUP', 'SIGHUP', 'sighup', '1']) assert.equal(parseSignal(typed), 'SIGHUP');
});

test('parseSignal() refuses the signals that no program can receive, by number too', () => {
  for (const typed of ['KILL', 'SIGSTOP', '9'])
    assert.throws(() => parseSignal(typed), { name: 'UsageError', message: /no program can receive/ });
});
