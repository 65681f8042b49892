// The clock for what happens with each event.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeTimespec, timespecMs, timespecSize } from '#epoll/sys/abi/timespec.js';
import { monotonicMs } from '#epoll/sys/monotonicMs.js';

test('monotonicMs() goes on as performance.now() does, in whole milliseconds', () => {
  const before = performance.now();
  const first = monotonicMs();
  const begin = performance.now();
  while (performance.now() - begin < 20);
  const end = performance.now();
  const last = monotonicMs();
  const after = performance.now();
  assert.ok(Number.isSafeInteger(first) && Number.isSafeInteger(last), `${first}, ${last}`);
  // Each of the two is rounded down.
  assert.ok(last - first >= end - begin - 1 && last - first <= after - before + 1, `${last - first} ms`);
});

test('timespecMs() counts from a second on, rounds down, and survives the end of 32 bits', () => {
  const bytes = new Uint8Array(timespecSize);
  const msOf = (ns: bigint, second: number): number => {
    encodeTimespec(new DataView(bytes.buffer), 0, ns);
    return timespecMs(new Uint32Array(bytes.buffer), second);
  };
  assert.equal(msOf(7_000_000_000n, 7), 0);
  assert.equal(msOf(9_999_999_999n, 7), 2_999);
  assert.equal(msOf(2n ** 32n * 1_000_000_000n + 5_000_000n, 2 ** 32 - 1), 1_005);
});
