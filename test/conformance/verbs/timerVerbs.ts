import { type Itimerspec, timerfd_create, timerfd_gettime, timerfd_settime } from 'epoll-ts/sys';
import { answered, must, opened } from '../answer.ts';
import { syscall } from '../raw/syscall.ts';
import { descriptor, type Operands, type Rig, type Verbs } from '../rig.ts';
import { StepError, type StepResult } from '../stepResult.ts';
import { parseClock, parseDurationNs, parseFlags } from '../vocabulary.ts';

const nsPerSecond = 1_000_000_000n;
const badAddress = 1;

/** Timers. */
export const timerVerbs: Verbs = {
  timerfd: (call, { names }) => {
    const clock = parseClock(call.option('clock') ?? 'MONOTONIC');
    return opened(names, call.word(0), timerfd_create(clock, parseFlags(call.option('flags') ?? '0')));
  },
  settime: setTime,
  gettime: (call, { names }) => {
    const fd = descriptor(names, call.word(0));
    if (call.option('cur') === 'bad') return answered(syscall('timerfd_gettime', fd, badAddress));
    const current = timerfd_gettime(fd);
    return typeof current === 'number' ? answered(current) : { ret: 0, ...setting(current) };
  },
};

function setting({ valueNs, intervalNs }: Itimerspec): StepResult {
  return { value_ms: Number(valueNs) / 1e6, interval_ms: Number(intervalNs) / 1e6 };
}

/** A time as `struct timespec` has it; the parts need not be in range. */
interface Time {
  readonly seconds: bigint;
  readonly nanoseconds: bigint;
}

function setTime(call: Operands, { names }: Rig): StepResult {
  const fd = descriptor(names, call.word(0));
  const flags = parseFlags(call.option('flags') ?? '0');
  const value = parseTime(call.option('value') ?? '0', call);
  const interval = parseTime(call.option('interval') ?? '0', call);
  const [badNew, badOld] = [call.option('new') === 'bad', call.option('old') === 'bad'];
  const typed = !badNew && !badOld && [value, interval].every(isTyped);
  if (!typed) {
    const spec = BigInt64Array.of(interval.seconds, interval.nanoseconds, value.seconds, value.nanoseconds);
    const old = new BigInt64Array(4);
    const answer = syscall('timerfd_settime', fd, flags, badNew ? badAddress : spec, badOld ? badAddress : old);
    if (answer < 0) return answered(answer);
    const [a = 0n, b = 0n, c = 0n, d = 0n] = old;
    return { ret: answer, ...setting({ intervalNs: a * nsPerSecond + b, valueNs: c * nsPerSecond + d }) };
  }
  const old: Itimerspec = { valueNs: 0n, intervalNs: 0n };
  const answer = timerfd_settime(fd, flags, { valueNs: ns(value), intervalNs: ns(interval) }, old);
  return answer < 0 ? answered(answer) : { ret: answer, ...setting(old) };
}

// Nanoseconds, as epoll-ts/sys takes them, can't say what is out of range in one part only.
function isTyped({ seconds, nanoseconds }: Time): boolean {
  return seconds >= 0n && nanoseconds >= 0n && nanoseconds < nsPerSecond;
}

function ns({ seconds, nanoseconds }: Time): bigint {
  return seconds * nsPerSecond + nanoseconds;
}

function parseTime(text: string, call: Operands): Time {
  const [, seconds, nanoseconds] = /^raw:(-?\d+),(-?\d+)$/.exec(text) ?? [];
  if (seconds !== undefined && nanoseconds !== undefined) {
    return { seconds: BigInt(seconds), nanoseconds: BigInt(nanoseconds) };
  }
  if (text.startsWith('raw:')) throw new StepError(`${text} is not raw:SEC,NSEC`);
  const [, sign, distance] = /^now([+-])(.*)$/.exec(text) ?? [];
  if (sign === undefined || distance === undefined) return split(BigInt(parseDurationNs(text)));
  const length = BigInt(parseDurationNs(distance));
  return split(clockNs(parseClock(call.option('clock') ?? 'MONOTONIC')) + (sign === '+' ? length : -length));
}

function split(total: bigint): Time {
  const nanoseconds = ((total % nsPerSecond) + nsPerSecond) % nsPerSecond;
  return { seconds: (total - nanoseconds) / nsPerSecond, nanoseconds };
}

function clockNs(clock: number): bigint {
  const now = new BigInt64Array(2);
  must(syscall('clock_gettime', clock, now), 'clock_gettime');
  return (now[0] ?? 0n) * nsPerSecond + (now[1] ?? 0n);
}
