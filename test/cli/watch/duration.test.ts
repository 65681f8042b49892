import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatMs, parseDuration } from '#epoll/cli/watch/duration.js';

test('parseDuration() gives nanoseconds, exactly', () => {
  const cases: Record<string, bigint> = {
    '1ns': 1n,
    '250us': 250_000n,
    '100ms': 100_000_000n,
    '1s': 1_000_000_000n,
    '1.5s': 1_500_000_000n,
    '0.1ms': 100_000n,
    '0.000000001s': 1n,
    '2m': 120_000_000_000n,
    '999999999999m': 59_999_999_999_940_000_000_000n,
  };
  for (const [text, ns] of Object.entries(cases)) assert.equal(parseDuration(text), ns, text);
});

test('parseDuration() refuses no unit, no number, 0, signs, spaces and parts of a nanosecond', () => {
  for (const text of [
    '',
    '100',
    'ms',
    'abc',
    '0s',
    '0.0ms',
    '-1s',
    '+1s',
    '1 s',
    ' 1s',
    '1s ',
    '1e3s',
    '1h',
    '0.5ns',
    '1.5ns',
    '.5s',
    '1.s',
    '1S',
  ]) {
    assert.equal(parseDuration(text), null, text);
  }
});

test('formatMs() is for people', () => {
  assert.deepEqual([0, 349.6, 4_210, 60_000, 185_000].map(formatMs), [
    '0 ms',
    '350 ms',
    '4.2 s',
    '1 min 0 s',
    '3 min 5 s',
  ]);
});
