// Not tested, as it takes a clock that is set: ECANCELED of `cancelOnSet`, and the read of 0 bytes after the clock was
// set back. That the kernel got the flag is.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { TimerFd, type TimerFdOptions, type TimerSetting } from 'epoll-ts';
import { pollOne, POLLIN } from 'epoll-ts/sys';
import { nothingLeftOpen, openDescriptors } from '../support/openDescriptors.ts';
import { runNode } from '../support/runNode.ts';

const hour = 3_600_000_000_000n;
const minute = hour / 60n;

/** Waits for an expiration, 10 seconds at the most, and reads. */
function expirations(timer: TimerFd): bigint | null {
  assert.equal(pollOne(timer.fd, POLLIN, 10_000), POLLIN, 'the timer expires');
  return timer.read();
}

function assertWithin(value: bigint, least: bigint, most: bigint): void {
  assert.ok(value >= least && value <= most, `${value} is not from ${least} to ${most}`);
}

function fdinfo(timer: TimerFd, field: string): string | undefined {
  const text = readFileSync(`/proc/self/fdinfo/${timer.fd}`, 'utf8');
  return new RegExp(`^${field}: (.*)$`, 'm').exec(text)?.[1];
}

test('TimerFd is disarmed at first', () => {
  using timer = new TimerFd();
  assert.equal(timer.remaining(), 0n);
  assert.equal(timer.read(), null);
});

test('TimerFd with afterNs expires once, not early', () => {
  using timer = new TimerFd();
  const start = process.hrtime.bigint();
  timer.set({ afterNs: 2_000_000 });
  assert.equal(expirations(timer), 1n);
  assert.ok(process.hrtime.bigint() - start >= 2_000_000n);
  assert.equal(timer.read(), null);
  assert.equal(timer.remaining(), 0n);
});

test('TimerFd with afterNs or atNs 0 expires at once, where the kernel would disarm', () => {
  for (const setting of [{ afterNs: 0 }, { afterNs: 0n }, { atNs: 0 }, { atNs: 1n }]) {
    using timer = new TimerFd();
    timer.set(setting);
    assert.equal(expirations(timer), 1n);
  }
});

test('TimerFd takes milliseconds, fractions rounded up', () => {
  using timer = new TimerFd();
  timer.set({ afterMs: 3_600_000, everyMs: 0.000_000_1 });
  assertWithin(timer.remaining(), hour - minute, hour);
  assert.equal(fdinfo(timer, 'it_interval'), '(0, 1)');
  timer.set({ everyMs: 2.5 });
  assert.equal(fdinfo(timer, 'it_interval'), '(0, 2500000)');
  assert.ok((expirations(timer) ?? 0n) >= 1n);
});

test('TimerFd with everyNs alone expires first after that time', () => {
  using timer = new TimerFd();
  timer.set({ everyNs: hour });
  assertWithin(timer.remaining(), hour - minute, hour);
  assert.equal(timer.read(), null);
  timer.set({ everyNs: 1_000 });
  assert.ok((expirations(timer) ?? 0n) >= 1n);
  assert.ok((expirations(timer) ?? 0n) >= 1n, 'again and again');
});

test('TimerFd counts the expirations between reads', () => {
  using timer = new TimerFd();
  timer.set({ everyNs: 1_000_000 });
  const waiter = new TimerFd();
  waiter.set({ afterNs: 5_000_000 });
  expirations(waiter);
  waiter.close();
  assert.ok((expirations(timer) ?? 0n) >= 5n);
});

test('TimerFd with afterNs and everyNs has its own time to the first expiration', () => {
  using timer = new TimerFd();
  timer.set({ afterNs: 1, everyNs: hour });
  assert.equal(expirations(timer), 1n);
  assertWithin(timer.remaining(), hour - minute, hour);
  timer.set({ afterNs: hour, everyNs: 1 });
  assert.equal(timer.read(), null);
  assertWithin(timer.remaining(), hour - minute, hour);
});

test('TimerFd with atNs expires at a time of its clock', () => {
  using monotonic = new TimerFd();
  monotonic.set({ atNs: process.hrtime.bigint() + hour });
  assertWithin(monotonic.remaining(), hour - minute, hour);
  using realtime = new TimerFd({ clock: 'realtime' });
  realtime.set({ atNs: BigInt(Date.now()) * 1_000_000n + hour });
  assertWithin(realtime.remaining(), hour - minute, hour + minute);
  monotonic.set({ atNs: process.hrtime.bigint() + 1_000_000n, everyNs: hour });
  assert.equal(expirations(monotonic), 1n);
  assertWithin(monotonic.remaining(), hour - minute, hour);
});

test('TimerFd forgets unread expirations at set() and disarm()', () => {
  using timer = new TimerFd();
  for (const forget of [() => timer.set({ afterNs: hour }), () => timer.disarm()]) {
    timer.set({ afterNs: 1 });
    assert.equal(pollOne(timer.fd, POLLIN, 10_000), POLLIN);
    forget();
    assert.equal(timer.read(), null);
  }
  timer.set({ everyNs: hour });
  timer.disarm();
  assert.equal(timer.remaining(), 0n);
});

test('TimerFd takes nanoseconds far beyond what a number holds', () => {
  using timer = new TimerFd();
  const century = 100n * 365n * 24n * hour;
  timer.set({ afterNs: century });
  assertWithin(timer.remaining(), century - minute, century);
  timer.set({ afterNs: Number.MAX_SAFE_INTEGER });
  assertWithin(timer.remaining(), BigInt(Number.MAX_SAFE_INTEGER) - minute, BigInt(Number.MAX_SAFE_INTEGER));
});

test('TimerFd refuses settings that make no sense, and keeps the one it has', () => {
  using timer = new TimerFd();
  timer.set({ everyNs: hour });
  const wrong: readonly (readonly [TimerSetting, ErrorConstructor])[] = [
    [{}, TypeError],
    [{ afterNs: 1, atNs: 1 }, TypeError],
    [{ afterNs: '1' as unknown as number }, TypeError],
    [{ atNs: null as unknown as number }, TypeError],
    [{ afterNs: -1 }, RangeError],
    [{ afterNs: -1n }, RangeError],
    [{ atNs: -1 }, RangeError],
    [{ everyNs: -1 }, RangeError],
    [{ everyNs: 0 }, RangeError],
    [{ afterNs: 1, everyNs: 0n }, RangeError],
    [{ afterNs: 1.5 }, RangeError],
    [{ afterNs: Number.NaN }, RangeError],
    [{ afterNs: 2 ** 53 }, RangeError],
    [{ afterNs: 2n ** 63n * 1_000_000_000n }, RangeError],
  ];
  for (const [setting, kind] of wrong) {
    assert.throws(
      () => timer.set(setting),
      (error) => error instanceof Error && error.constructor === kind,
      String(Object.entries(setting)),
    );
  }
  assertWithin(timer.remaining(), hour - minute, hour);
});

test('TimerFd follows the clock it was told', () => {
  const numbers = { realtime: '0', monotonic: '1', boottime: '7' } as const;
  for (const clock of ['realtime', 'monotonic', 'boottime'] as const) {
    using timer = new TimerFd({ clock });
    assert.equal(fdinfo(timer, 'clockid'), numbers[clock]);
  }
});

test('TimerFd refuses an unknown clock and names those it knows', () => {
  const before = openDescriptors();
  for (const clock of ['cpu', 'toString', 1, null]) {
    assert.throws(() => new TimerFd({ clock } as TimerFdOptions), {
      name: 'TypeError',
      message: /'monotonic', 'realtime', 'boottime', 'realtime-alarm', 'boottime-alarm'/,
    });
  }
  nothingLeftOpen(before);
});

test('TimerFd with cancelOnSet tells the kernel, for absolute times only', () => {
  using timer = new TimerFd({ clock: 'realtime', cancelOnSet: true });
  timer.set({ atNs: BigInt(Date.now()) * 1_000_000n + hour });
  assert.equal(fdinfo(timer, 'settime flags'), '03');
  timer.set({ afterNs: hour });
  assert.equal(fdinfo(timer, 'settime flags'), '00');
  using plain = new TimerFd({ clock: 'realtime' });
  plain.set({ atNs: BigInt(Date.now()) * 1_000_000n + hour });
  assert.equal(fdinfo(plain, 'settime flags'), '01');
});

test('TimerFd refuses cancelOnSet for a clock that is never set', () => {
  for (const clock of ['monotonic', 'boottime', 'boottime-alarm'] as const) {
    assert.throws(() => new TimerFd({ clock, cancelOnSet: true }), TypeError);
  }
});

const unprivileged = `
import { TimerFd } from 'epoll-ts';
new TimerFd().close(); // loads the foreign functions, which may be readable for root only
if (process.getuid() === 0) process.setuid(65534);
for (const clock of ['realtime-alarm', 'boottime-alarm']) {
  try {
    new TimerFd({ clock });
  } catch (error) {
    console.log(error.code, error.message);
  }
}
`;

test('TimerFd names the capability that an alarm clock needs', () => {
  const { stdout } = runNode('--input-type=module', '--eval', unprivileged);
  assert.equal(
    stdout,
    "EPERM EPERM: timerfd_create: clock 'realtime-alarm' needs CAP_WAKE_ALARM\n" +
      "EPERM EPERM: timerfd_create: clock 'boottime-alarm' needs CAP_WAKE_ALARM\n",
  );
});
