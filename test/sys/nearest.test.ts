import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearest } from '#epoll/sys/nearest.js';

const kinds = ['stdin', 'timer', 'inotify', 'signal'];

test('nearest() finds a candidate with a letter missing, added, replaced or swapped', () => {
  for (const typed of ['timr', 'timmer', 'timur', 'itmer', 'TIMER'])
    assert.equal(nearest(typed, kinds), 'timer', typed);
});

test('nearest() prefers the fewest edits, and the first of equals', () => {
  assert.equal(nearest('IN', ['INN', 'IN', 'ON']), 'IN');
  assert.equal(nearest('abc', ['abx', 'aby']), 'abx');
});

test('nearest() finds nothing when too much is different', () => {
  for (const typed of ['', 'xyz', 'stdout-of-it', 'ti']) assert.equal(nearest(typed, kinds), null, typed);
});
