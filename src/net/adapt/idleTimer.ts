import { clearTimeout, setTimeout } from 'node:timers';
import { describe } from '../../sys/argument.ts';

// The longest that a timer takes.
const longestMs = 0x7fff_ffff;

/** Calls back when nothing has happened for a time, once for each such time; does not keep the process alive. */
export class IdleTimer {
  readonly #idle: () => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(idle: () => void) {
    this.#idle = idle;
  }

  /**
   * A time that is longer than a timer takes is the longest that one takes, with a warning, as in `node:net`.
   *
   * @param afterMs milliseconds; 0 is never
   * @throws {TypeError | RangeError}
   */
  set(afterMs: number): void {
    if (typeof afterMs !== 'number') {
      throw new TypeError(`Cannot use 'timeoutMs' as it must be a number: current value is ${describe(afterMs)}`);
    }
    if (!(afterMs >= 0 && Number.isFinite(afterMs))) {
      throw new RangeError(
        `Cannot use 'timeoutMs' as it must be a finite number of at least 0: current value is ${afterMs}`,
      );
    }
    clearTimeout(this.#timer);
    this.#timer = afterMs === 0 ? undefined : setTimeout(this.#idle, within(afterMs)).unref();
  }

  /** Something has happened. */
  active(): void {
    this.#timer?.refresh();
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

function within(afterMs: number): number {
  if (afterMs <= longestMs) return afterMs;
  process.emitWarning(
    `${afterMs} does not fit into a 32-bit signed integer.\nTimer duration was truncated to ${longestMs}.`,
    'TimeoutOverflowWarning',
  );
  return longestMs;
}
