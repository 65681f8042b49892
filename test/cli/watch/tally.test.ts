import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EPOLLIN, EPOLLRDHUP } from 'epoll-ts/sys';
import { Tally } from '#epoll/cli/watch/tally.js';

test('Tally counts the events of each source by their flags, sources without events and of the same name too', () => {
  const [tcp, timer, same] = [{ name: 'tcp:*:1' }, { name: 'timer:1s' }, { name: 'timer:1s' }];
  const tally = new Tally();
  for (const source of [tcp, timer, same]) tally.begin(source);
  for (const mask of [EPOLLIN, EPOLLIN | EPOLLRDHUP, EPOLLIN]) tally.add(tcp, mask);
  tally.add(same, EPOLLIN);
  assert.equal(tally.total, 4);
  const lines = [
    'Summary: 4 events in 1.5 s',
    '  tcp:*:1   3  EPOLLIN 2, EPOLLIN|EPOLLRDHUP 1',
    '  timer:1s  0',
    '  timer:1s  1  EPOLLIN 1',
  ];
  assert.equal(tally.summary(1_500), lines.join('\n'));
});

test('Tally has a summary without sources', () => {
  assert.equal(new Tally().summary(10), 'Summary: 0 events in 10 ms');
});
