import { maxTimespecNs } from '../sys/abi/timespec.ts';
import {
  CLOCK_BOOTTIME,
  CLOCK_BOOTTIME_ALARM,
  CLOCK_MONOTONIC,
  CLOCK_REALTIME,
  CLOCK_REALTIME_ALARM,
  ECANCELED,
  EPERM,
  type Itimerspec,
  TFD_CLOEXEC,
  TFD_NONBLOCK,
  TFD_TIMER_ABSTIME,
  TFD_TIMER_CANCEL_ON_SET,
  timerfd_create,
  timerfd_gettime,
  timerfd_settime,
} from '../sys/index.ts';
import { aBoolean, aCount, oneOf } from '../sys/optionKind.ts';
import { type OptionKind, optionsReader } from '../sys/optionsReader.ts';
import { created } from './advice.ts';
import { milliseconds } from './milliseconds.ts';
import { OwnedFd } from './ownedFd.ts';
import { readAvailable } from './readAvailable.ts';
import { check, SystemError } from './systemError.ts';
import { inspectable } from './inspectable.ts';

/** The clocks a timer can follow. The alarm clocks also wake a suspended system and need CAP_WAKE_ALARM. */
export type TimerClock = 'monotonic' | 'realtime' | 'boottime' | 'realtime-alarm' | 'boottime-alarm';

const clocks: Readonly<Record<TimerClock, number>> = {
  monotonic: CLOCK_MONOTONIC,
  realtime: CLOCK_REALTIME,
  boottime: CLOCK_BOOTTIME,
  'realtime-alarm': CLOCK_REALTIME_ALARM,
  'boottime-alarm': CLOCK_BOOTTIME_ALARM,
};

/** How a `TimerFd` is made. */
export interface TimerFdOptions {
  /** 'monotonic' by default. */
  readonly clock?: TimerClock;
  /**
   * `read()` throws ECANCELED when the clock is set while an `atNs` timer waits: realtime clocks only. False by
   * default.
   */
  readonly cancelOnSet?: boolean;
}

/**
 * When a timer expires. Nanoseconds: a bigint, or a number up to Number.MAX_SAFE_INTEGER. Milliseconds: a number,
 * fractions allowed, rounded up to nanoseconds.
 */
export interface TimerSetting {
  /** From now to the first expiration; 0 expires at once. Not together with `atNs`. */
  readonly afterNs?: bigint | number;
  /** The same in milliseconds. Not together with `afterNs`. */
  readonly afterMs?: number;
  /** Between expirations, at least 1. Alone: also from now to the first one. */
  readonly everyNs?: bigint | number;
  /** The same in milliseconds, above 0. Not together with `everyNs`. */
  readonly everyMs?: number;
  /** A time of the timer's clock for the first expiration; one that has passed expires at once. */
  readonly atNs?: bigint | number;
}

const readOptions = optionsReader<TimerFdOptions>('create a TimerFd', "{ clock: 'boottime' }", {
  clock: oneOf(...(Object.keys(clocks) as TimerClock[])),
  cancelOnSet: aBoolean,
});

const least0 = aCount(0n, maxTimespecNs);
const least1 = aCount(1n, maxTimespecNs);

// Whole nanoseconds, rounded up: a timer never expires early.
function fromMs(ns: OptionKind<bigint>): OptionKind<bigint> {
  return (value, name, action) => {
    const asked = Math.ceil(milliseconds(value, name, action) * 1e6);
    // Out of range whatever the unit.
    return ns(Number.isFinite(asked) ? BigInt(asked) : value, name, action);
  };
}

const readSetting = optionsReader<{ readonly [K in keyof TimerSetting]: bigint }>('set a timer', '{ afterMs: 100 }', {
  afterNs: least0,
  afterMs: fromMs(least0),
  everyNs: least1,
  everyMs: fromMs(least1),
  atNs: least0,
});

const expirations = new BigUint64Array(1);
const expirationBytes = new Uint8Array(expirations.buffer);

/**
 * A timer of the kernel: readable when it has expired. Nanoseconds; it never expires early. How late it is read is up
 * to the system. The descriptor is close-on-exec and non-blocking.
 *
 * @see https://man7.org/linux/man-pages/man2/timerfd_create.2.html
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { Epoll, TimerFd } from 'epoll-ts';
 * import { EPOLLIN, EpollEventBuffer } from 'epoll-ts/sys';
 *
 * const timer = new TimerFd();
 * const ep = new Epoll();
 * ep.add(timer, EPOLLIN);
 * timer.set({ afterMs: 2, everyMs: 0.5 });
 * assert.equal(timer.read(), null, 'not expired yet');
 * assert.equal(ep.wait(new EpollEventBuffer(1), { timeoutMs: 1000 }), 1);
 * assert.ok((timer.read() ?? 0n) >= 1n);
 * ep.close();
 * timer.close();
 * ```
 */
export class TimerFd extends OwnedFd {
  static {
    inspectable(this.prototype, { fd: ({ fd }) => fd, remaining: (timer) => timer.remaining() });
  }

  readonly #absolute: number;

  /**
   * @throws {TypeError} for an unknown clock or option, or `cancelOnSet` with a clock that is never set
   * @throws {SystemError} EPERM for an alarm clock without CAP_WAKE_ALARM, EMFILE or ENFILE when there are too many
   *   open files
   */
  constructor(options?: TimerFdOptions) {
    const { clock = 'monotonic', cancelOnSet = false } = readOptions(options);
    if (cancelOnSet && !clock.startsWith('realtime')) {
      const rule = "'clock' must be 'realtime' or 'realtime-alarm'";
      throw new TypeError(
        `Cannot create a TimerFd with 'cancelOnSet' as ${rule}, the others are never set: current value is '${clock}'`,
      );
    }
    const answer = timerfd_create(clocks[clock], TFD_CLOEXEC | TFD_NONBLOCK);
    super(created(answer, 'timerfd_create', answer === -EPERM ? `clock '${clock}' needs CAP_WAKE_ALARM` : ''));
    this.#absolute = TFD_TIMER_ABSTIME | (cancelOnSet ? TFD_TIMER_CANCEL_ON_SET : 0);
  }

  /**
   * Arms the timer, whatever it was set to. Expirations that were not read are forgotten.
   *
   * @throws {TypeError} when no time is given, or two for the same, or one has another type
   * @throws {RangeError} when one is negative, a number that is no safe integer, beyond 2 ** 63 seconds, or `everyNs`
   *   or `everyMs` is 0
   * @throws {ClosedError} after `close()`
   * @throws {SystemError} ECANCELED with `cancelOnSet`, when the clock was set since: the timer is armed all the same
   * @see https://man7.org/linux/man-pages/man2/timerfd_settime.2.html
   */
  set(setting: TimerSetting): void {
    const { absolute, ...times } = itimerspecOf(setting);
    this.#settime(absolute ? this.#absolute : 0, times);
  }

  /** Stops the timer; expirations that were not read are forgotten. @throws {ClosedError} after `close()`. */
  disarm(): void {
    this.#settime(0, { valueNs: 0n, intervalNs: 0n });
  }

  #settime(flags: number, value: Itimerspec): void {
    const fd = this.fd;
    const answer = timerfd_settime(fd, flags, value);
    if (answer < 0) throw new SystemError(answer, 'timerfd_settime', { fd }, cancelAdvice(answer));
  }

  /**
   * Nanoseconds until the next expiration, 0n when disarmed or when a single expiration has passed.
   *
   * @throws {ClosedError} after `close()`.
   */
  remaining(): bigint {
    const fd = this.fd;
    const now = timerfd_gettime(fd);
    if (typeof now !== 'number') return now.valueNs;
    check(now, 'timerfd_gettime', { fd });
    return 0n;
  }

  /**
   * How often the timer expired since the last `read()` or `set()`.
   *
   * @returns null where it has not, and the call would block
   * @throws {ClosedError} after `close()`
   * @throws {SystemError} ECANCELED with `cancelOnSet`, when the clock was set; EBADF when someone else closed the
   *   descriptor
   */
  read(): bigint | null {
    // 0 bytes: the realtime clock was set back after the expiration and before this read (timerfd_create(2)).
    const count = readAvailable(this.fd, expirationBytes, cancelAdvice) ?? 0;
    return count === 0 ? null : (expirations[0] ?? null);
  }
}

function cancelAdvice(answer: number): string {
  return answer === -ECANCELED ? 'the realtime clock was set: work out the time again and set() the timer' : '';
}

function itimerspecOf(setting: TimerSetting): Itimerspec & { readonly absolute: boolean } {
  const { afterNs, afterMs, everyNs, everyMs, atNs } = readSetting(setting);
  const first = only({ afterNs, afterMs, atNs });
  const every = only({ everyNs, everyMs });
  const value = first ?? every;
  if (value === undefined) {
    throw new TypeError(
      "Cannot set a timer as 'afterMs', 'everyMs' or 'atNs' must be given: current value is undefined",
    );
  }
  return { valueNs: first === undefined ? value : armed(value), intervalNs: every ?? 0n, absolute: atNs !== undefined };
}

function only(times: Readonly<Record<string, bigint | undefined>>): bigint | undefined {
  const given = Object.entries(times).filter(([, value]) => value !== undefined);
  if (given.length < 2) return given[0]?.[1];
  const names = given.map(([name]) => `'${name}'`).join(' and ');
  const values = given.map(([, value]) => `${value}n`).join(' and ');
  throw new TypeError(`Cannot set a timer as only one of ${names} may be given: current values are ${values}`);
}

/** timerfd_settime takes a value of 0 as "disarm": the nearest time that expires is 1 ns. */
function armed(valueNs: bigint): bigint {
  return valueNs === 0n ? 1n : valueNs;
}
