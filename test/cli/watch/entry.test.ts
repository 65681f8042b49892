import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  EPOLLET,
  EPOLLEXCLUSIVE,
  EPOLLIN,
  EPOLLONESHOT,
  EPOLLOUT,
  EPOLLPRI,
  EPOLLRDHUP,
  EPOLLWAKEUP,
  formatEvents,
} from 'epoll-ts/sys';
import { interestOf } from '#epoll/cli/watch/entry.js';
import { interestMask } from '#epoll/reactor/interest.js';

const masks = [
  0,
  EPOLLIN,
  EPOLLIN | EPOLLRDHUP,
  EPOLLPRI | EPOLLWAKEUP,
  EPOLLOUT | EPOLLET,
  EPOLLIN | EPOLLOUT | EPOLLONESHOT,
  EPOLLIN | EPOLLET | EPOLLONESHOT,
  EPOLLIN | EPOLLEXCLUSIVE,
  EPOLLIN | EPOLLOUT | EPOLLEXCLUSIVE | EPOLLWAKEUP | EPOLLET,
];

for (const mask of masks) {
  test(`interestOf() has the reactor watch for exactly ${formatEvents(mask)}`, () => {
    assert.equal(formatEvents(interestMask(interestOf(mask >>> 0), 'register')), formatEvents(mask >>> 0));
  });
}
