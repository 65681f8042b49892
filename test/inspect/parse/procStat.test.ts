// /proc/PID/stat, status and schedstat.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseProcPending } from '#epoll/inspect/parse/procPending.js';
import { parseProcStat } from '#epoll/inspect/parse/procStat.js';
import { parseRealUid } from '#epoll/inspect/parse/procStatus.js';
import { parseSchedstat } from '#epoll/inspect/parse/schedstat.js';

const rest =
  'S 15462 15462 12286 0 -1 4194560 3263 6486 9 0 7 1 3 1 20 0 1 0 156833 20144128 3862 18446744073709551615';

test('stat: the name may hold spaces, parentheses and line breaks', () => {
  const expected = { state: 'S', parent: 15462, userTicks: 7, systemTicks: 1, startTime: '156833' };
  for (const name of ['python3', 'a b', 'a) S 1 (b', '((', ')', 'x\ny']) {
    assert.deepEqual(parseProcStat(`15466 (${name}) ${rest}\n`), { pid: 15466, name, ...expected });
  }
});

test('stat: what is cut off or no stat gives nothing', () => {
  for (const text of ['', '15466', '15466 (x', `15466 (x) S 1`, 'x (y) S 1']) assert.equal(parseProcStat(text), null);
});

test('status: the real user, and the signals that wait', () => {
  const status =
    'Name:\tx\nUid:\t1000\t0\t0\t0\nSigPnd:\t0000000000000200\nShdPnd:\t0000000000000001\nSigBlk:\tffffffffffffffff\n';
  assert.equal(parseRealUid(status), 1000);
  assert.deepEqual(parseProcPending(status), new Set(['SIGHUP', 'SIGUSR1']));
  assert.equal(parseRealUid(''), null);
  assert.equal(parseProcPending(''), null);
});

test('schedstat: time on a CPU and waiting for one; nothing where the kernel does not count', () => {
  assert.deepEqual(parseSchedstat('26045238 1563243 131\n'), { runNs: 26045238, waitNs: 1563243 });
  assert.equal(parseSchedstat('0 0 0\n'), null);
  assert.equal(parseSchedstat(''), null);
});
