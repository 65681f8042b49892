import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EPOLLET, EPOLLEXCLUSIVE, EPOLLIN, EPOLLONESHOT, EPOLLPRI, EPOLLRDHUP } from 'epoll-ts/sys';
import { checkExclusive, parseEvents } from '#epoll/cli/watch/eventMask.js';

test('parseEvents() takes names with and without EPOLL, in any case, between , or |', () => {
  const mask = EPOLLIN | EPOLLPRI | EPOLLRDHUP;
  for (const text of ['IN,PRI,RDHUP', 'EPOLLIN|EPOLLPRI|EPOLLRDHUP', 'in, pri,EpollRdHup']) {
    assert.equal(parseEvents(text), mask, text);
  }
});

test('parseEvents() takes the trigger flags too, and gives an unsigned mask', () => {
  assert.equal(parseEvents('IN,ET,ONESHOT'), (EPOLLIN | EPOLLET | EPOLLONESHOT) >>> 0);
});

test('parseEvents() names the nearest flag for an unknown one', () => {
  assert.throws(() => parseEvents('IN,RDHP'), { name: 'UsageError', message: /'RDHP'.*did you mean RDHUP\?/ });
  assert.throws(() => parseEvents('IN,'), { name: 'UsageError', message: /use some of IN, OUT/ });
});

test('parseEvents() refuses the flags that are never reported by themselves, and says what to use', () => {
  assert.throws(() => parseEvents('EPOLLRDNORM'), { name: 'UsageError', message: /use IN$/ });
  assert.throws(() => parseEvents('wrnorm'), { name: 'UsageError', message: /use OUT$/ });
});

test('checkExclusive() refuses what the kernel refuses', () => {
  checkExclusive(EPOLLIN | EPOLLEXCLUSIVE | EPOLLET);
  checkExclusive(EPOLLIN | EPOLLPRI);
  assert.throws(() => checkExclusive(EPOLLIN | EPOLLEXCLUSIVE | EPOLLPRI), {
    message: /EPOLLEXCLUSIVE cannot be combined with EPOLLPRI/,
  });
  assert.throws(() => checkExclusive(EPOLLIN | EPOLLEXCLUSIVE | EPOLLONESHOT), { message: /EPOLLONESHOT/ });
});
