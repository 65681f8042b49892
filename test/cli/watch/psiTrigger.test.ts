import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsePsi, readPressure } from '#epoll/cli/watch/psiTrigger.js';

test('parsePsi() gives milliseconds', () => {
  assert.deepEqual(parsePsi('memory:full:1.5ms/2s'), {
    resource: 'memory',
    share: 'full',
    stallMs: 1.5,
    windowMs: 2000,
  });
});

test('parsePsi() takes the shortest and the longest window', () => {
  for (const window of ['500ms', '10s']) assert.ok(parsePsi(`cpu:some:100ms/${window}`) !== null, window);
});

test('parsePsi() refuses what the kernel has no trigger for', () => {
  const wrong = [
    'cpu:some:100ms/499ms',
    'cpu:some:100ms/10001ms',
    'cpu:some:2s/1s',
    'cpu:half:1ms/1s',
    'irq:some:1ms/1s',
    'gpu:some:1ms/1s',
    'cpu:some:1ns/1s',
    'cpu:some:1ms',
  ];
  for (const text of wrong) assert.equal(parsePsi(text), null, text);
});

test('readPressure() reads the line of the share', () => {
  const file = 'some avg10=1.50 avg60=0.20 avg300=0.00 total=123\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=7\n';
  assert.deepEqual(readPressure(file, 'some'), { avg10: 1.5, avg60: 0.2, avg300: 0, total: 123 });
  assert.equal(readPressure(file, 'full')['total'], 7);
  assert.deepEqual(readPressure('', 'some'), {});
});
