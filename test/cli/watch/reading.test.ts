import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EAGAIN, ECONNRESET, EINTR, EPOLLET, EPOLLHUP, EPOLLIN, EPOLLOUT, EPOLLRDHUP } from 'epoll-ts/sys';
import { nextAfter, readingDetail, readReady } from '#epoll/cli/watch/reading.js';

/** A read that gives these answers in turn, each a text, 0 for the end, or -errno. */
function answers(...script: (string | number)[]): { read: (buffer: Uint8Array) => number; left: () => number } {
  const read = (buffer: Uint8Array): number => {
    const answer = script.shift() ?? -EAGAIN;
    return typeof answer === 'number' ? answer : Buffer.from(buffer.buffer).write(answer);
  };
  return { read, left: () => script.length };
}

const full = (buffer: Uint8Array): number => buffer.length;
const level = { mask: EPOLLIN, trigger: 0 };

test('readReady() level-triggered reads once', () => {
  const { read, left } = answers('abc', 'def');
  const reading = readReady(read, level);
  assert.deepEqual(readingDetail(reading), { bytes: 3, text: 'abc' });
  assert.equal(nextAfter(reading, EPOLLIN) === 'end', false);
  assert.equal(left(), 1);
});

test('readReady() level-triggered takes 64 KiB at the most, also after a hang-up', () => {
  assert.equal(readReady(full, level).bytes, 65_536);
  assert.equal(readReady(full, { mask: EPOLLIN | EPOLLHUP, trigger: 0 }).bytes, 65_536);
});

test('readReady() reads up to the end when the peer has hung up', () => {
  const { read } = answers('abc', 'de', 0);
  const reading = readReady(read, { mask: EPOLLIN | EPOLLRDHUP, trigger: 0 });
  assert.deepEqual(readingDetail(reading), { bytes: 5, text: 'abc', end: true });
  assert.equal(nextAfter(reading, EPOLLIN | EPOLLRDHUP), 'end');
});

test('readReady() edge-triggered reads until it would block', () => {
  const { read, left } = answers('abc', -EINTR, 'de', -EAGAIN, 'never');
  const reading = readReady(read, { mask: EPOLLIN, trigger: EPOLLET });
  assert.equal(reading.bytes, 5);
  assert.equal(nextAfter(reading, EPOLLIN), 'drained');
  assert.equal(left(), 1);
});

test('readReady() edge-triggered stops at 1 MiB, and tells that there is more', () => {
  const reading = readReady(full, { mask: EPOLLIN, trigger: EPOLLET });
  assert.equal(reading.bytes, 1_048_576);
  assert.equal(nextAfter(reading, EPOLLIN), 'more');
});

test('readReady() stops when its sink has enough', () => {
  const taken: string[] = [];
  const { read, left } = answers('abc', 'def', 'ghi');
  const sink = (bytes: Uint8Array): boolean => taken.push(Buffer.from(bytes).toString()) < 2;
  assert.equal(readReady(read, { mask: EPOLLIN, trigger: EPOLLET, sink }).bytes, 6);
  assert.deepEqual([taken, left()], [['abc', 'def'], 1]);
});

test('readReady() ends with the error of the read', () => {
  const reading = readReady(answers('ab', -ECONNRESET).read, { mask: EPOLLIN, trigger: EPOLLET });
  assert.deepEqual(readingDetail(reading), { bytes: 2, text: 'ab', error: 'ECONNRESET' });
  assert.equal(nextAfter(reading, EPOLLIN), 'end');
});

test('readReady() takes nothing when only writing is ready, which stands', () => {
  const { read, left } = answers('abc');
  const reading = readReady(read, { mask: EPOLLOUT, trigger: 0 });
  assert.deepEqual([reading.bytes, left(), nextAfter(reading, EPOLLOUT)], [0, 1, 'standing']);
});

test('nextAfter() knows that a read takes nothing of EPOLLOUT', () => {
  assert.equal(
    nextAfter(readReady(answers('abc').read, { mask: EPOLLIN | EPOLLOUT, trigger: 0 }), EPOLLIN | EPOLLOUT),
    'standing',
  );
});
