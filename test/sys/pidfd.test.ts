import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import * as sys from 'epoll-ts/sys';
import { opened } from '../support/opened.ts';

const boundMs = 10_000;

test('a pidfd sends a signal, and is readable when its process has ended', async (t) => {
  const child = spawn('sleep', ['1000']);
  const exited = once(child, 'exit');
  assert.ok(child.pid !== undefined);
  const fd = opened(t, sys.pidfd_open(child.pid, 0));
  assert.equal(sys.pollOne(fd, sys.POLLIN, 0), 0);
  assert.equal(sys.pidfd_send_signal(fd, 0, 0), 0);
  assert.equal(sys.pidfd_send_signal(fd, sys.SIGTERM, 0), 0);
  assert.equal(sys.pollOne(fd, sys.POLLIN, boundMs) & sys.POLLIN, sys.POLLIN);
  assert.deepEqual(await exited, [null, 'SIGTERM']);
  assert.equal(sys.pidfd_send_signal(fd, 0, 0), -sys.ESRCH, 'reaped: the number can be another process’s by now');
});

test('pidfd_getfd copies a descriptor of another process', (t) => {
  const self = opened(t, sys.pidfd_open(process.pid, 0));
  const original = opened(t, sys.eventfd(9, sys.EFD_NONBLOCK));
  const copy = opened(t, sys.pidfd_getfd(self, original, 0));
  assert.notEqual(copy, original);
  assert.equal(sys.fcntl(copy, sys.F_GETFD), sys.FD_CLOEXEC, 'the kernel sets close-on-exec');
  assert.equal(sys.eventfd_read(copy), 9n);
  assert.equal(sys.eventfd_read(original), -sys.EAGAIN);
  assert.equal(sys.pidfd_getfd(self, 0x7fff_ffff, 0), -sys.EBADF);
  assert.equal(sys.pidfd_getfd(self, original, 1), -sys.EINVAL);
});

test('what the kernel refuses', (t) => {
  const self = opened(t, sys.pidfd_open(process.pid, 0));
  const other = opened(t, sys.eventfd(0, 0));
  assert.equal(sys.pidfd_open(0x7fff_ffff, 0), -sys.ESRCH);
  assert.equal(sys.pidfd_open(0, 0), -sys.EINVAL);
  assert.equal(sys.pidfd_open(-1, 0), -sys.EINVAL);
  assert.equal(sys.pidfd_open(process.pid, 1), -sys.EINVAL);
  assert.equal(sys.pidfd_open(process.pid, 2 ** 32 - 1), -sys.EINVAL);
  assert.equal(sys.pidfd_send_signal(self, 65, 0), -sys.EINVAL);
  assert.equal(sys.pidfd_send_signal(self, 0, 2 ** 31), -sys.EINVAL);
  assert.equal(sys.pidfd_send_signal(other, 0, 0), -sys.EBADF);
  assert.equal(sys.pidfd_getfd(other, other, 0), -sys.EBADF);
});

test('a pidfd can be non-blocking, and refer to one thread', (t) => {
  const fd = opened(t, sys.pidfd_open(process.pid, sys.PIDFD_NONBLOCK));
  assert.equal(sys.fcntl(fd, sys.F_GETFL) & sys.O_NONBLOCK, sys.O_NONBLOCK);
  const thread = sys.pidfd_open(sys.gettid(), sys.PIDFD_THREAD);
  if (thread === -sys.EINVAL) return t.skip('this kernel has no PIDFD_THREAD (Linux 6.9)');
  opened(t, thread);
  assert.equal(sys.pidfd_send_signal(thread, 0, 0), 0);
  for (const scope of [sys.PIDFD_SIGNAL_THREAD, sys.PIDFD_SIGNAL_THREAD_GROUP]) {
    assert.equal(sys.pidfd_send_signal(fd, 0, scope), 0);
  }
});
