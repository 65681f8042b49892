import { decodeItimerspec, encodeItimerspec, type Itimerspec, itimerspecSize, maxTimespecNs } from './abi/timespec.ts';
import { bigintIn, describe, int } from './argument.ts';
import { foreign } from './ffi/foreign.ts';

const create = foreign('timerfd_create', ['int', 'int']);
const settime = foreign('timerfd_settime', ['int', 'int', 'pointer', 'pointer']);
const gettime = foreign('timerfd_gettime', ['int', 'pointer']);

const wanted = new DataView(new ArrayBuffer(itimerspecSize));
const current = new DataView(new ArrayBuffer(itimerspecSize));

/**
 * `int timerfd_create(int clockid, int flags)` — makes a timer that can be waited for.
 *
 * @param clockid CLOCK_MONOTONIC, CLOCK_REALTIME, CLOCK_BOOTTIME, or an _ALARM clock (needs CAP_WAKE_ALARM)
 * @param flags 0, TFD_CLOEXEC, TFD_NONBLOCK
 * @returns the descriptor, or -EINVAL, -EMFILE, -ENFILE, -ENODEV, -ENOMEM, -EPERM
 * @throws {TypeError | RangeError} when an argument is no C int
 * @see https://man7.org/linux/man-pages/man2/timerfd_create.2.html
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { CLOCK_MONOTONIC, close, TFD_CLOEXEC, timerfd_create } from 'epoll-ts/sys';
 *
 * const fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
 * assert.ok(fd >= 0);
 * close(fd);
 * ```
 */
export function timerfd_create(clockid: number, flags: number): number {
  return create(int(clockid, 'clockid'), int(flags, 'flags'));
}

/**
 * `int timerfd_settime(int fd, int flags, const struct itimerspec *new_value, struct itimerspec *old_value)` — arms or
 * disarms the timer.
 *
 * @param flags 0 (a duration from now), TFD_TIMER_ABSTIME (a time of the clock), TFD_TIMER_CANCEL_ON_SET
 * @param newValue nanoseconds; `valueNs: 0n` disarms, whatever the interval is
 * @param oldValue filled with the setting before, when given
 * @returns 0, or -EBADF, -EINVAL, -ECANCELED
 * @throws {TypeError | RangeError} when an argument does not fit its C type
 * @see https://man7.org/linux/man-pages/man2/timerfd_settime.2.html
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { CLOCK_MONOTONIC, close, read, timerfd_create, timerfd_settime } from 'epoll-ts/sys';
 *
 * const fd = timerfd_create(CLOCK_MONOTONIC, 0);
 * assert.equal(timerfd_settime(fd, 0, { valueNs: 1_000_000n, intervalNs: 0n }), 0);
 * assert.equal(read(fd, new Uint8Array(8)), 8);
 * close(fd);
 * ```
 */
export function timerfd_settime(
  fd: number,
  flags: number,
  newValue: Readonly<Itimerspec>,
  oldValue?: Itimerspec,
): number {
  for (const value of oldValue === undefined ? [newValue] : [newValue, oldValue]) {
    if (typeof value !== 'object' || value === null) {
      throw new TypeError(`Cannot use a timer setting as it must be an object: current value is ${describe(value)}`);
    }
  }
  const { valueNs, intervalNs } = newValue;
  encodeItimerspec(wanted, {
    valueNs: bigintIn(valueNs, 'valueNs', -maxTimespecNs, maxTimespecNs),
    intervalNs: bigintIn(intervalNs, 'intervalNs', -maxTimespecNs, maxTimespecNs),
  });
  const result = settime(int(fd, 'fd'), int(flags, 'flags'), wanted, oldValue === undefined ? null : current);
  if (result >= 0 && oldValue !== undefined) Object.assign(oldValue, decodeItimerspec(current));
  return result;
}

/**
 * `int timerfd_gettime(int fd, struct itimerspec *curr_value)` — the time until the next expiration, and the interval.
 *
 * @returns nanoseconds, `valueNs: 0n` when disarmed; or -EBADF, -EINVAL as a negative number
 * @throws {TypeError | RangeError} when `fd` is no C int
 * @see https://man7.org/linux/man-pages/man2/timerfd_gettime.2.html
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { CLOCK_MONOTONIC, close, timerfd_create, timerfd_gettime } from 'epoll-ts/sys';
 *
 * const fd = timerfd_create(CLOCK_MONOTONIC, 0);
 * assert.deepEqual(timerfd_gettime(fd), { valueNs: 0n, intervalNs: 0n });
 * close(fd);
 * ```
 */
export function timerfd_gettime(fd: number): Itimerspec | number {
  const result = gettime(int(fd, 'fd'), current);
  return result < 0 ? result : decodeItimerspec(current);
}
