import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as sys from 'epoll-ts/sys';
import { opened, openedPair } from '../support/opened.ts';

const { poll, POLLHUP, POLLIN, POLLNVAL, pollOne, POLLOUT } = sys;

test('poll fills what is ready of each descriptor and counts them', (t) => {
  const ready = opened(t, sys.eventfd(1, 0));
  const idle = opened(t, sys.eventfd(0, 0));
  const fds = [
    { fd: ready, events: POLLIN | POLLOUT, revents: 0xffff },
    { fd: idle, events: POLLIN, revents: 0xffff },
    { fd: -1, events: POLLIN, revents: 0xffff },
    { fd: 0x7fff_ffff, events: 0, revents: 0xffff },
  ];
  assert.equal(poll(fds, 0), 2);
  assert.deepEqual(
    fds.map(({ revents }) => revents),
    [POLLIN | POLLOUT, 0, 0, POLLNVAL],
  );
});

test('poll that finds nothing sets what the call before has found to 0', (t) => {
  const fds = [1, 2].map(() => ({ fd: opened(t, sys.eventfd(0, 0)), events: POLLIN, revents: POLLIN | POLLHUP }));
  assert.equal(poll(fds, 0), 0);
  assert.deepEqual(
    fds.map(({ revents }) => revents),
    [0, 0],
  );
  assert.equal(pollOne(opened(t, sys.eventfd(1, 0)), POLLIN, 0), POLLIN);
  assert.equal(pollOne(fds[0]?.fd ?? -1, POLLIN, 0), 0, 'pollOne has memory of its own');
});

test('poll of nothing waits for its time', () => {
  const start = process.hrtime.bigint();
  assert.equal(poll([], 5), 0);
  assert.equal(pollOne(-1, POLLIN, 5), 0, 'a negative descriptor is skipped');
  assert.ok(process.hrtime.bigint() - start >= 10_000_000n);
});

test('pollOne gives the answer for one descriptor', (t) => {
  const [reader, writer] = openedPair(t, sys.pipe2(0));
  assert.equal(pollOne(reader, POLLIN, 0), 0);
  assert.equal(pollOne(writer, POLLOUT, -1), POLLOUT);
  sys.write(writer, Uint8Array.of(1));
  assert.equal(pollOne(reader, POLLIN, -1), POLLIN);
  assert.equal(pollOne(0x7fff_ffff, POLLIN, -1), POLLNVAL);
  assert.equal(pollOne(reader, 0xffff, 0) & (POLLIN | POLLOUT | POLLHUP), POLLIN);
});

test('100 descriptors are polled at once', (t) => {
  const fds = Array.from({ length: 100 }, (_, index) => ({
    fd: opened(t, sys.eventfd(index % 2, 0)),
    events: POLLIN,
    revents: 7,
  }));
  assert.equal(poll(fds, 0), 50);
  assert.deepEqual(
    fds.map(({ revents }) => revents),
    fds.map((_, index) => (index % 2 === 1 ? POLLIN : 0)),
  );
});
