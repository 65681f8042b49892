import { describe } from '../sys/argument.ts';
import {
  close,
  EACCES,
  EINVAL,
  ENODEV,
  ENOENT,
  EOPNOTSUPP,
  EPERM,
  O_CLOEXEC,
  O_NONBLOCK,
  O_RDWR,
  open,
  write,
} from '../sys/index.ts';
import { preciseMs } from '../sys/monotonicMs.ts';
import { aString, oneOf, required } from '../sys/optionKind.ts';
import { type OptionKind, optionsReader } from '../sys/optionsReader.ts';
import { creationAdvice } from './advice.ts';
import { OwnedFd } from './ownedFd.ts';
import { type PressureReport, PressureSamples, pressureTotal } from './pressureSamples.ts';
import { readWhole } from './readWhole.ts';
import { check, SystemError } from './systemError.ts';

/** What tasks wait for. `irq`: the time that interrupts take from them. */
export type PressureResource = 'cpu' | 'memory' | 'io' | 'irq';

/** `some`: at least one task waits. `full`: all tasks that are not idle wait at the same time. */
export type PressureShare = 'some' | 'full';

/** When the kernel reports pressure. */
export interface PressureStallOptions {
  /** `irq` has `full` only; `full` of the whole system's `cpu` is always 0. */
  readonly share: PressureShare;
  /**
   * Report when tasks were stalled for that long: milliseconds, rounded to microseconds; above 0, at most the window.
   */
  readonly stallMs: number;
  /**
   * Within that time: milliseconds, rounded to microseconds; at most 10000. Without CAP_SYS_RESOURCE a whole multiple
   * of 2000. Older kernels take no window below 500, and no trigger at all without the capability.
   */
  readonly windowMs: number;
  /** The pressure file: of a cgroup, for example. That of the whole system by default. */
  readonly path?: string;
}

const largestWindowMs = 10_000;
/** The window of who has no CAP_SYS_RESOURCE is a multiple of it: the kernel looks at averages as often. */
const unprivilegedStepMs = 2000;

const action = 'watch pressure';
const resourceOf = oneOf<PressureResource>('cpu', 'memory', 'io', 'irq');
const readOptions = optionsReader<PressureStallOptions>(action, "{ share: 'some', stallMs: 150, windowMs: 2000 }", {
  share: required(oneOf('some', 'full')),
  stallMs: required(milliseconds(largestWindowMs)),
  windowMs: required(milliseconds(largestWindowMs)),
  path: aString,
});

function milliseconds(most: number): OptionKind<number> {
  return (value, name, what) => {
    if (typeof value === 'number' && microseconds(value) > 0 && value <= most) return value;
    const rule = `a number of milliseconds, above 0 and at most ${most}`;
    const message = `Cannot ${what} as '${name}' must be ${rule}: current value is ${describe(value)}`;
    throw typeof value === 'number' ? new RangeError(message) : new TypeError(message);
  };
}

/**
 * Reports pressure: that tasks were stalled for too long for want of CPU, memory or I/O. The kernel counts; nothing is
 * polled. Readiness is EPOLLPRI: register it with `{ priority: true }`, and call `read()` at each event.
 *
 * The kernel reports at most once in a window, and often falsely: a new trigger's first reports count stall from before
 * it (Linux 6.18). `read()` compares with the time that was really stalled, and answers null to a false report.
 *
 * An event is used up by being asked for: do not poll the descriptor beside what watches it. Close-on-exec and
 * non-blocking. Linux 5.2.
 *
 * @see https://docs.kernel.org/accounting/psi.html
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { existsSync } from 'node:fs';
 * import { PressureStall, Reactor } from 'epoll-ts';
 *
 * if (existsSync('/proc/pressure/memory')) {
 *   const stall = new PressureStall('memory', { share: 'some', stallMs: 150, windowMs: 2000 });
 *   const reactor = new Reactor();
 *   reactor.register(stall, { priority: true }, () => {
 *     const report = stall.read(); // null: the kernel's report was false
 *     if (report !== null) console.log(`${report.stallMs} ms of stall within ${report.withinMs} ms`);
 *   });
 *   assert.equal(stall.read(), null, 'no stall yet');
 *   stall.close();
 *   reactor.close();
 * }
 * ```
 */
export class PressureStall extends OwnedFd {
  /** The file that is watched. */
  readonly path: string;
  readonly #share: PressureShare;
  readonly #samples: PressureSamples;

  /**
   * @throws {TypeError} for an unknown resource or share, `irq` with `some`, and times that are no numbers
   * @throws {RangeError} when `windowMs` is not above 0 and at most 10000, or `stallMs` not above 0 and at most
   *   `windowMs`
   * @throws {SystemError} with the path: EINVAL for a window that needs CAP_SYS_RESOURCE, EPERM without it on older
   *   kernels, EACCES when the file may not be written, ENOENT and EOPNOTSUPP where the kernel counts no pressure,
   *   EMFILE, ENFILE
   */
  constructor(resource: PressureResource, options: PressureStallOptions) {
    const { share, stallMs, windowMs, path } = checked(resource, options);
    const fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) throw new SystemError(fd, 'open', { path }, openAdvice(fd));
    let total: number;
    try {
      // The kernel takes the last byte for the end of the text, whatever it is: without a NUL the last digit is lost.
      const text = `${share} ${microseconds(stallMs)} ${microseconds(windowMs)}\0`;
      const answer = write(fd, Buffer.from(text));
      check(answer, 'write', { path }, triggerAdvice(answer, windowMs));
      total = totalOf(fd, share, path);
    } catch (error) {
      close(fd);
      throw error;
    }
    super(fd);
    this.path = path;
    this.#share = share;
    this.#samples = new PressureSamples({ stallMs, windowMs }, { atMs: preciseMs(), totalUs: total });
  }

  /**
   * To be called at each event: the stall since a window ago. It is the file's own count at this moment, so it holds
   * what came after the event, too.
   *
   * @returns null where it is less than `stallMs`: the report was false
   * @throws {ClosedError} after `close()`
   * @throws {SystemError} ENODEV when the cgroup was removed; EBADF when someone else closed the descriptor
   */
  read(): PressureReport | null {
    const totalUs = totalOf(this.fd, this.#share, this.path);
    return this.#samples.add({ atMs: preciseMs(), totalUs });
  }
}

function totalOf(fd: number, share: PressureShare, path: string): number {
  let text: string;
  try {
    text = readWhole(fd).toString();
  } catch (error) {
    if (!(error instanceof SystemError) || error.errno !== -ENODEV) throw error;
    throw new SystemError(error.errno, error.syscall, { fd, path }, 'its cgroup was removed: close this');
  }
  const total = pressureTotal(text, share);
  if (total !== null) return total;
  throw new TypeError(
    `Cannot use 'path' as it must be a pressure file with a line '${share}': current file is '${path}'`,
  );
}

function checked(resource: unknown, given: unknown): Required<PressureStallOptions> {
  const name = resourceOf(resource, 'resource', action);
  const { share, stallMs, windowMs, path = `/proc/pressure/${name}` } = readOptions(given);
  if (name === 'irq' && share === 'some') {
    throw new TypeError(
      `Cannot ${action} as 'share' must be 'full' for 'irq', which has no other: current value is 'some'`,
    );
  }
  milliseconds(windowMs)(stallMs, 'stallMs', action);
  return { share, stallMs, windowMs, path };
}

function microseconds(ms: number): number {
  return Math.round(ms * 1000);
}

function openAdvice(answer: number): string {
  switch (-answer) {
    case ENOENT:
      return (
        'the kernel counts no such pressure: it must have CONFIG_PSI (for irq CONFIG_IRQ_TIME_ACCOUNTING), ' +
        'and psi=1 where it is off by default'
      );
    case EOPNOTSUPP:
      return 'pressure is not counted: boot with psi=1';
    case EACCES:
      return 'a trigger is set by who may write to the file';
    case EPERM:
      return 'on this kernel a trigger needs CAP_SYS_RESOURCE';
    default:
      return creationAdvice(answer);
  }
}

function triggerAdvice(answer: number, windowMs: number): string {
  if (answer === -EOPNOTSUPP) return 'pressure is not counted: boot with psi=1';
  if (answer !== -EINVAL) return '';
  if (windowMs % unprivilegedStepMs !== 0) {
    const rule = `'windowMs' must be a multiple of ${unprivilegedStepMs}`;
    return `without CAP_SYS_RESOURCE ${rule}: current value is ${windowMs}`;
  }
  return 'the file takes no such trigger: is it a pressure file?';
}
