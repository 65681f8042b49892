import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventFd, type EventFdOptions, Pipe, SystemError } from 'epoll-ts';
import {
  close,
  EFD_NONBLOCK,
  eventfd,
  F_GETFD,
  F_GETFL,
  fcntl,
  O_NONBLOCK,
  pollOne,
  POLLIN,
  POLLOUT,
} from 'epoll-ts/sys';
import { nothingLeftOpen, openDescriptors } from '../support/openDescriptors.ts';
import { withRoomBelow } from '../support/withRoomBelow.ts';

const most = 2n ** 64n - 2n;

test('EventFd starts at 0 and would block', () => {
  using counter = new EventFd();
  assert.equal(counter.read(), null);
  assert.equal(pollOne(counter.fd, POLLIN | POLLOUT, 0), POLLOUT);
});

test('EventFd starts at any value of the range, also at those that eventfd(2) does not take', () => {
  for (const initial of [1n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 53n + 1n, 2n ** 63n, most]) {
    using counter = new EventFd({ initial });
    assert.equal(counter.read(), initial);
    assert.equal(counter.read(), null);
  }
});

test('EventFd refuses a first value outside the range, and opens nothing', () => {
  const before = openDescriptors();
  for (const initial of [-1n, most + 1n, 2n ** 64n, 2n ** 64n + 1n, -1, 0.5, NaN, 2 ** 53]) {
    assert.throws(() => new EventFd({ initial }), RangeError);
  }
  for (const initial of ['1', null, true]) {
    assert.throws(() => new EventFd({ initial: initial as unknown as bigint }), TypeError);
  }
  for (const options of [5, null, { intial: 5 }, { semaphore: 1 }]) {
    assert.throws(() => new EventFd(options as unknown as EventFdOptions), TypeError);
  }
  nothingLeftOpen(before);
});

test('EventFd counts in numbers, too', () => {
  using counter = new EventFd({ initial: 5 });
  counter.write(Number.MAX_SAFE_INTEGER);
  assert.equal(counter.read(), BigInt(Number.MAX_SAFE_INTEGER) + 5n);
});

test('EventFd adds what is written, 1 by default', () => {
  using counter = new EventFd({ initial: 5n });
  assert.equal(counter.write(), true);
  assert.equal(counter.write(2n ** 40n), true);
  assert.equal(counter.write(0n), true);
  assert.equal(counter.read(), 2n ** 40n + 6n);
});

test('EventFd answers false where the sum would pass the largest value, and keeps the counter', () => {
  using counter = new EventFd({ initial: most - 1n });
  assert.equal(counter.write(2n), false);
  assert.equal(counter.write(1n), true);
  assert.equal(pollOne(counter.fd, POLLIN | POLLOUT, 0), POLLIN, 'full');
  assert.equal(counter.write(1n), false);
  assert.equal(counter.write(most), false);
  assert.equal(counter.read(), most);
});

test('EventFd refuses to write what the kernel has no counter for', () => {
  using counter = new EventFd();
  for (const value of [-1n, 2n ** 64n - 1n, 2n ** 64n, -1, 0.5, 2 ** 53])
    assert.throws(() => counter.write(value), RangeError);
  for (const value of ['1', null, true]) assert.throws(() => counter.write(value as unknown as bigint), TypeError);
  assert.equal(counter.read(), null);
});

test('EventFd as a semaphore gives 1 for each read', () => {
  using counter = new EventFd({ initial: 2n ** 32n, semaphore: true });
  assert.deepEqual([counter.read(), counter.read()], [1n, 1n]);
  using empty = new EventFd({ semaphore: true });
  empty.write(2n);
  assert.deepEqual([empty.read(), empty.read(), empty.read()], [1n, 1n, null]);
});

test('EventFd.from borrows: it uses the counter, and close() leaves the descriptor open', () => {
  using owner = new EventFd();
  const borrowed = EventFd.from(owner);
  assert.equal(borrowed.fd, owner.fd);
  borrowed.write(3n);
  borrowed.close();
  assert.throws(() => borrowed.read(), { code: 'ERR_EPOLL_CLOSED' });
  assert.equal(owner.read(), 3n);
});

test('EventFd.from changes no flag', (t) => {
  const fd = eventfd(1, 0);
  t.after(() => void close(fd));
  using borrowed = EventFd.from(fd);
  assert.equal(fcntl(fd, F_GETFD), 0);
  assert.equal(fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
  assert.equal(borrowed.read(), 1n);
});

test('EventFd.from refuses another kind of file, naming it', () => {
  using pipe = new Pipe();
  assert.throws(() => EventFd.from(pipe.reader), {
    name: 'TypeError',
    message: /^Cannot use fd \d+ as an EventFd as it must be an eventfd: current file is 'pipe:\[\d+\]'$/,
  });
});

test('EventFd.from refuses a number under which no file is open, and what is no descriptor', () => {
  const fd = withRoomBelow(() => eventfd(0, EFD_NONBLOCK));
  close(fd);
  assert.throws(
    () => EventFd.from(fd),
    (error) => error instanceof SystemError && error.code === 'EBADF' && error.fd === fd,
  );
  assert.throws(() => EventFd.from(-1), RangeError);
  assert.throws(() => EventFd.from('0' as unknown as number), TypeError);
});
