// Descriptors, counters and clocks at their limits, and files of rare kinds.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  EINVAL,
  EMFILE,
  ENOSYS,
  EPERM,
  EPOLL_CLOEXEC,
  EPOLL_CTL_ADD,
  epoll_create1,
  epoll_ctl,
  EPOLLIN,
  errnoName,
  EFD_CLOEXEC,
  EFD_NONBLOCK,
  eventfd,
  eventfd_read,
  eventfd_write,
  O_CLOEXEC,
  O_RDONLY,
  open,
  pipe2,
  POLLERR,
  POLLIN,
  pollOne,
  write,
} from 'epoll-ts/sys';
import { addressOf } from '#epoll/sys/ffi/foreign.js';
import { opened, openedPair } from '../../support/opened.ts';
import { syscall } from '../raw/syscall.ts';
import { unlessRoot, unlessUnshared } from './asRoot.ts';
import { printed } from './scriptProcess.ts';

test('l-create03: every call that makes a descriptor answers EMFILE at the limit of open files', () => {
  const lines = printed(
    `
    while (sys.dup(0) >= 0);
    const calls = {
      epoll_create1: () => sys.epoll_create1(0),
      eventfd: () => sys.eventfd(0, 0),
      timerfd_create: () => sys.timerfd_create(1, 0),
      signalfd: () => sys.signalfd(-1, new sys.SignalSet(), 0),
      inotify_init1: () => sys.inotify_init1(0),
      pidfd_open: () => sys.pidfd_open(process.pid, 0),
    };
    for (const [name, call] of Object.entries(calls)) say(name + ' ' + sys.errnoName(call()));`,
    { through: ['prlimit', '--nofile=100'] },
  );
  assert.deepEqual(
    lines,
    ['epoll_create1', 'eventfd', 'timerfd_create', 'signalfd', 'inotify_init1', 'pidfd_open'].map(
      (name) => `${name} ${errnoName(-EMFILE)}`,
    ),
  );
});

// struct iocb of linux/aio_abi.h.
function readRequest(fd: number, into: Uint8Array, eventFd: number): Buffer {
  const [preadCommand, tellEventFd] = [0, 1];
  const request = Buffer.alloc(64);
  request.writeUInt16LE(preadCommand, 16);
  request.writeUInt32LE(fd, 20);
  request.writeBigUInt64LE(BigInt(addressOf(into)), 24);
  request.writeBigUInt64LE(BigInt(into.length), 32);
  request.writeUInt32LE(tellEventFd, 56);
  request.writeUInt32LE(eventFd, 60);
  return request;
}

test('l-efd06: only the kernel can make a counter overflow, which is EPOLLERR and reads as 2**64 - 1', (t) => {
  const counter = opened(t, eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  assert.equal(eventfd_write(counter, 2n ** 64n - 2n), 0);
  assert.equal(pollOne(counter, POLLIN, 0), POLLIN);
  const context = new BigUint64Array(1);
  const setup = syscall('io_setup', 1, context);
  if (setup === -ENOSYS) return t.skip('this kernel has no asynchronous I/O (CONFIG_AIO)');
  assert.equal(setup, 0);
  const file = opened(t, open('/proc/self/exe', O_RDONLY | O_CLOEXEC));
  const into = new Uint8Array(16);
  const request = readRequest(file, into, counter);
  assert.equal(syscall('io_submit', context[0] ?? 0n, 1, BigUint64Array.of(addressOf(request))), 1);
  const ready = pollOne(counter, POLLERR, 10_000);
  assert.equal(ready & POLLERR, POLLERR);
  assert.equal(eventfd_read(counter), 2n ** 64n - 1n);
  assert.deepEqual([...into.subarray(0, 4)], [0x7f, 0x45, 0x4c, 0x46], 'the request was carried out');
});

const offsets = ['10', '-10'];
for (const seconds of offsets) {
  test(`l-tfd04: an absolute timer goes by the clock of its time namespace, ${seconds} s away`, (t) => {
    const options = ['--time', '--fork', `--monotonic=${seconds}`, `--boottime=${seconds}`];
    const skip = unlessRoot() || unlessUnshared(...options);
    if (skip !== false) return t.skip(skip);
    const lines = printed(
      `for (const clock of [sys.CLOCK_MONOTONIC, sys.CLOCK_BOOTTIME]) {
         const now = new BigInt64Array(2);
         const begin = process.hrtime.bigint();
         raw.syscall('clock_gettime', clock, now);
         const start = now[0] * 10n ** 9n + now[1];
         const timer = sys.timerfd_create(clock, sys.TFD_CLOEXEC);
         sys.timerfd_settime(timer, sys.TFD_TIMER_ABSTIME, { valueNs: start + 40_000_000n, intervalNs: 0n });
         const expirations = new BigUint64Array(1);
         sys.read(timer, new Uint8Array(expirations.buffer));
         const ms = Number(process.hrtime.bigint() - begin) / 1e6;
         say(expirations[0] + ' ' + (ms >= 40 && ms < 9_000));
       }`,
      { through: ['unshare', ...options] },
    );
    assert.deepEqual(lines, ['1 true', '1 true']);
  });
}

test('l-ctl06-perf-event: a perf event can be watched', (t) => {
  // struct perf_event_attr, PERF_ATTR_SIZE_VER0: a software event that never happens.
  const [software, dummy, size] = [1, 9, 64];
  const attributes = Buffer.alloc(size);
  attributes.writeUInt32LE(software, 0);
  attributes.writeUInt32LE(size, 4);
  attributes.writeBigUInt64LE(BigInt(dummy), 8);
  const excludeKernel = 1n << 5n;
  attributes.writeBigUInt64LE(excludeKernel, 40);
  const event = syscall('perf_event_open', attributes, 0, -1, -1, 8);
  if (event < 0) return t.skip(`perf_event_open gave ${errnoName(event)}`);
  opened(t, event);
  const ep = opened(t, epoll_create1(EPOLL_CLOEXEC));
  assert.equal(epoll_ctl(ep, EPOLL_CTL_ADD, event, EPOLLIN), 0);
});

test('l-ctl06-memfd-secret: secret memory can not be watched', (t) => {
  const secret = syscall('memfd_secret', 0);
  if (secret < 0) return t.skip(`memfd_secret gave ${errnoName(secret)}`);
  opened(t, secret);
  const ep = opened(t, epoll_create1(EPOLL_CLOEXEC));
  assert.equal(epoll_ctl(ep, EPOLL_CTL_ADD, secret, EPOLLIN), -EPERM);
});

test('g-efd-splice: nothing can be spliced into a counter', (t) => {
  const counter = opened(t, eventfd(7, EFD_CLOEXEC));
  const [reader, writer] = openedPair(t, pipe2(O_CLOEXEC));
  assert.equal(write(writer, new Uint8Array(4096)), 4096);
  assert.equal(syscall('splice', reader, null, counter, null, 4096, 0), -EINVAL);
  assert.equal(eventfd_read(counter), 7n);
});
