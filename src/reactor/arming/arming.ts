import type { RegistrationRow } from '../registrationRow.ts';

/**
 * How a registration has the kernel report, and when not: one class for each way. What is the same for all of them is
 * in RegistrationRow; what only some need does nothing here.
 */
export abstract class Arming {
  protected readonly row: RegistrationRow;
  /** When it was disarmed last. Whole milliseconds: V8 holds a fraction in an object of its own. */
  disarmedAtMs = 0;

  constructor(row: RegistrationRow) {
    this.row = row;
  }

  /** Whether the kernel will report. */
  abstract get armed(): boolean;

  /** Adds the entry. @throws {SystemError} as epoll_ctl answers, and nothing is left then */
  abstract add(): void;

  /**
   * Has the kernel report what is asked for now, and what is there already once more.
   *
   * @throws {SystemError} as epoll_ctl answers
   */
  abstract rearm(): void;

  /** Takes the entry out of the kernel's list, where it still is if `listed`. */
  abstract end(listed: boolean): void;

  /** An event came: what it changes before anybody is told of it. */
  fired(_readiness: number): void {}

  /** What was kept for a wait for `bits`, which is then no longer kept; 0 for nothing. */
  take(_bits: number): number {
    return 0;
  }

  /** Somebody waits, for `wanted` of the interest (~0: for whatever comes). */
  begun(_wanted: number): void {}

  /** An event was delivered, and somebody still waits. */
  demand(): void {}

  /** The last wait was given up. */
  idle(): void {}

  /** The mask that the kernel has in force where that is not in the reactor's own list. */
  kernelEvents(): number | null {
    return null;
  }
}
