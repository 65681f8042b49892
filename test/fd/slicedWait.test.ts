// The slices themselves, with a wait that is made up.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EBADF, EINTR } from 'epoll-ts/sys';
import { preciseMs } from '#epoll/sys/monotonicMs.js';
import { sliced } from '#epoll/fd/slicedWait.js';

/** A wait that answers from a list, and keeps how long it was asked to wait; the last answer is repeated. */
function scripted(answers: readonly number[]): { wait: (ms: number) => number; asked: number[] } {
  const asked: number[] = [];
  const wait = (ms: number): number => {
    asked.push(ms);
    return answers[Math.min(asked.length, answers.length) - 1] ?? 0;
  };
  return { wait, asked };
}

test('no slice is longer than 100 ms, however long the wait', () => {
  const { wait, asked } = scripted([0, 0, 0, 5]);
  assert.equal(sliced(Infinity, wait), 5);
  assert.deepEqual(asked, [100, 100, 100, 100]);
});

test('an interrupted slice is begun again with what is left', () => {
  const { wait, asked } = scripted([-EINTR, -EINTR, 1]);
  const slow = (ms: number): number => {
    const end = preciseMs() + 1;
    while (preciseMs() < end);
    return wait(ms);
  };
  assert.equal(sliced(50, slow), 1);
  const [first, second = NaN, third = NaN] = asked;
  assert.equal(first, 50);
  assert.ok(second <= 49 && third <= second - 1, String(asked));
});

test('a clock that stands still, as tests of other people make one, does not make a wait endless', (t) => {
  t.mock.method(performance, 'now', () => 1000);
  t.mock.method(Date, 'now', () => 1000);
  t.mock.method(process, 'hrtime', () => [1, 0]);
  const { wait } = scripted([-EINTR]);
  assert.equal(sliced(20, wait), 0);
});

test('a wait of 0 asks once, and a signal does not make it wait', () => {
  for (const answer of [0, -EINTR]) {
    const { wait, asked } = scripted([answer]);
    assert.equal(sliced(0, wait), 0);
    assert.deepEqual(asked, [0]);
  }
});

test('an error ends it at once', () => {
  const { wait, asked } = scripted([-EBADF]);
  assert.equal(sliced(Infinity, wait), -EBADF);
  assert.equal(asked.length, 1);
});

test('signals without end do not move the deadline', () => {
  const { wait } = scripted([-EINTR]);
  const start = performance.now();
  assert.equal(sliced(20, wait), 0);
  assert.ok(performance.now() - start >= 20);
});

test('no slice is asked for less than nothing', () => {
  const asked: number[] = [];
  sliced(3, (ms) => {
    asked.push(ms);
    return 0;
  });
  assert.ok(
    asked.every((ms) => ms > 0),
    String(asked),
  );
});
