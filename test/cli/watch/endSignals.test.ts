import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { EndSignals } from '#epoll/cli/watch/endSignals.js';

test('EndSignals tells of the first signal only, and keeps its handlers for a while after it', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let ends = 0;
  const signals = new EndSignals(new Set(['SIGHUP']), () => ends++);
  assert.deepEqual(
    ['SIGINT', 'SIGTERM', 'SIGHUP'].map((name) => process.listenerCount(name)),
    [1, 1, 0],
  );
  process.emit('SIGINT', 'SIGINT');
  process.emit('SIGINT', 'SIGINT');
  process.emit('SIGTERM', 'SIGTERM');
  assert.equal(ends, 1);
  let over = false;
  const grace = signals.grace().then(() => (over = true));
  t.mock.timers.tick(149);
  await setImmediate();
  assert.equal(over, false);
  t.mock.timers.tick(1);
  await grace;
  signals.close();
  assert.deepEqual(
    ['SIGINT', 'SIGTERM'].map((name) => process.listenerCount(name)),
    [0, 0],
  );
});

test('EndSignals has no grace without a signal', async () => {
  const signals = new EndSignals(new Set(), () => {});
  await signals.grace();
  signals.close();
});
