import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as sys from 'epoll-ts/sys';
import { opened } from '../support/opened.ts';

const { EAGAIN, EFD_NONBLOCK, EFD_SEMAPHORE, EINVAL, eventfd_read, eventfd_write } = sys;
const max = 2n ** 64n - 2n;

test('eventfd counts up to 2 ** 64 - 2, and a read takes it all', (t) => {
  const fd = opened(t, sys.eventfd(0, EFD_NONBLOCK));
  assert.equal(eventfd_read(fd), -EAGAIN);
  for (const value of [1n, 2n ** 31n, 2n ** 32n, 2n ** 32n + 3n, 2n ** 53n + 1n, 2n ** 63n, max]) {
    assert.equal(eventfd_write(fd, value), 0);
    assert.equal(eventfd_read(fd), value);
  }
  assert.equal(eventfd_read(fd), -EAGAIN);
});

test('a full counter would wait, and 2 ** 64 - 1 is refused', (t) => {
  const fd = opened(t, sys.eventfd(0, EFD_NONBLOCK));
  assert.equal(eventfd_write(fd, max), 0);
  assert.equal(eventfd_write(fd, 1n), -EAGAIN);
  assert.equal(eventfd_write(fd, 0n), 0, 'adding nothing succeeds');
  assert.equal(eventfd_write(fd, max + 1n), -EINVAL);
  assert.equal(sys.pollOne(fd, sys.POLLIN | sys.POLLOUT, 0), sys.POLLIN);
  assert.equal(eventfd_read(fd), max);
  assert.equal(sys.pollOne(fd, sys.POLLIN | sys.POLLOUT, 0), sys.POLLOUT);
});

test('the initial value has 32 bits, unsigned', (t) => {
  for (const initial of [0, 1, 2 ** 31, 2 ** 32 - 1]) {
    const fd = opened(t, sys.eventfd(initial, EFD_NONBLOCK));
    assert.equal(eventfd_read(fd), initial === 0 ? -EAGAIN : BigInt(initial));
  }
});

test('with EFD_SEMAPHORE a read takes 1', (t) => {
  const fd = opened(t, sys.eventfd(2, EFD_NONBLOCK | EFD_SEMAPHORE));
  assert.deepEqual([eventfd_read(fd), eventfd_read(fd), eventfd_read(fd)], [1n, 1n, -EAGAIN]);
});

test('flags are kept, and unknown ones refused', (t) => {
  const plain = opened(t, sys.eventfd(1, 0));
  const both = opened(t, sys.eventfd(1, EFD_NONBLOCK | sys.EFD_CLOEXEC));
  assert.equal(sys.fcntl(plain, sys.F_GETFL) & sys.O_NONBLOCK, 0);
  assert.equal(sys.fcntl(both, sys.F_GETFL) & sys.O_NONBLOCK, sys.O_NONBLOCK);
  assert.equal(sys.fcntl(both, sys.F_GETFD), sys.FD_CLOEXEC);
  assert.equal(sys.eventfd(0, 2), -EINVAL);
});

test('a refused read leaves nothing behind in the next answer', (t) => {
  const a = opened(t, sys.eventfd(5, EFD_NONBLOCK));
  const b = opened(t, sys.eventfd(0, EFD_NONBLOCK));
  assert.deepEqual(
    [eventfd_read(b), eventfd_read(a), eventfd_read(b), eventfd_read(-1)],
    [-EAGAIN, 5n, -EAGAIN, -sys.EBADF],
  );
});
