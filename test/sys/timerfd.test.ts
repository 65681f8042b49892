import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as sys from 'epoll-ts/sys';
import { opened } from '../support/opened.ts';

const { CLOCK_MONOTONIC, EAGAIN, EINVAL, POLLIN, TFD_NONBLOCK, TFD_TIMER_ABSTIME } = sys;
const boundMs = 10_000;

test('a timer is readable after its time, not before, and a read tells how often it expired', (t) => {
  const fd = opened(t, sys.timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK));
  const start = process.hrtime.bigint();
  assert.equal(sys.timerfd_settime(fd, 0, { valueNs: 5_000_001n, intervalNs: 0n }), 0);
  assert.equal(sys.pollOne(fd, POLLIN, boundMs), POLLIN);
  assert.ok(process.hrtime.bigint() - start >= 5_000_001n);
  assert.equal(expirations(fd), 1n);
  assert.equal(expirations(fd), -EAGAIN);
});

test('an absolute time that is past expires at once', (t) => {
  const fd = opened(t, sys.timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK));
  assert.equal(sys.timerfd_settime(fd, TFD_TIMER_ABSTIME, { valueNs: 1n, intervalNs: 0n }), 0);
  // By an interrupt, which may come after the call has returned.
  assert.equal(sys.pollOne(fd, POLLIN, boundMs), POLLIN);
  assert.equal(expirations(fd), 1n);
});

test('an interval expires again and again', (t) => {
  const fd = opened(t, sys.timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK));
  assert.equal(sys.timerfd_settime(fd, TFD_TIMER_ABSTIME, { valueNs: 1n, intervalNs: 1_000_000_000n }), 0);
  assert.equal(sys.pollOne(fd, POLLIN, boundMs), POLLIN);
  const first = expirations(fd);
  assert.ok(
    typeof first === 'bigint' && first >= 1n,
    `an expiration for each second since the machine started: ${first}`,
  );
  const setting = sys.timerfd_gettime(fd);
  assert.ok(typeof setting !== 'number');
  assert.equal(setting.intervalNs, 1_000_000_000n);
  assert.ok(setting.valueNs > 0n && setting.valueNs <= 1_000_000_000n, `${setting.valueNs} ns to the next`);
});

test('timerfd_settime hands out the setting before, and 0 disarms', (t) => {
  const fd = opened(t, sys.timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK));
  const hour = 3_600_000_000_000n;
  const far = 5_000_000_000_999_999_999n; // 158 years, beyond 2 ** 32 seconds and 2 ** 53 nanoseconds
  const old = { valueNs: 7n, intervalNs: 7n };
  assert.equal(sys.timerfd_settime(fd, 0, { valueNs: far, intervalNs: hour + 1n }, old), 0);
  assert.deepEqual(old, { valueNs: 0n, intervalNs: 0n });
  assert.equal(sys.timerfd_settime(fd, 0, { valueNs: 0n, intervalNs: 0n }, old), 0);
  assert.equal(old.intervalNs, hour + 1n);
  assert.ok(old.valueNs > far - hour && old.valueNs <= far, String(old.valueNs));
  assert.deepEqual(sys.timerfd_gettime(fd), { valueNs: 0n, intervalNs: 0n });
});

test('what the kernel refuses', (t) => {
  const fd = opened(t, sys.timerfd_create(CLOCK_MONOTONIC, 0));
  const old = { valueNs: 7n, intervalNs: 7n };
  assert.equal(sys.timerfd_create(99, 0), -EINVAL);
  assert.equal(sys.timerfd_create(CLOCK_MONOTONIC, 1), -EINVAL);
  assert.equal(sys.timerfd_settime(fd, 8, { valueNs: 1n, intervalNs: 0n }), -EINVAL);
  assert.equal(sys.timerfd_settime(fd, 0, { valueNs: -1n, intervalNs: 0n }, old), -EINVAL);
  assert.equal(sys.timerfd_settime(fd, 0, { valueNs: 1n, intervalNs: -1_000_000_001n }, old), -EINVAL);
  assert.equal(sys.timerfd_settime(-1, 0, { valueNs: 1n, intervalNs: 0n }, old), -sys.EBADF);
  assert.deepEqual(old, { valueNs: 7n, intervalNs: 7n }, 'a refused call changes nothing');
  assert.equal(sys.timerfd_gettime(-1), -sys.EBADF);
  assert.equal(sys.timerfd_gettime(opened(t, sys.eventfd(0, 0))), -EINVAL);
});

test('every clock has its number', (t) => {
  for (const clock of [sys.CLOCK_REALTIME, CLOCK_MONOTONIC, sys.CLOCK_BOOTTIME]) {
    opened(t, sys.timerfd_create(clock, sys.TFD_CLOEXEC));
  }
  for (const clock of [sys.CLOCK_REALTIME_ALARM, sys.CLOCK_BOOTTIME_ALARM]) {
    const fd = sys.timerfd_create(clock, 0);
    assert.ok(fd >= 0 || fd === -sys.EPERM, `${sys.errnoName(fd)}: needs CAP_WAKE_ALARM`);
    if (fd >= 0) sys.close(fd);
  }
});

function expirations(fd: number): bigint | number {
  const counter = new BigUint64Array(1);
  const length = sys.read(fd, new Uint8Array(counter.buffer));
  return length === 8 ? (counter[0] ?? 0n) : length;
}
