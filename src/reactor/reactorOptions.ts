import { describe, integerIn } from '../sys/argument.ts';

/** How a reactor is made. */
export interface ReactorOptions {
  /** The most events that one turn takes from the kernel. 256 by default; what is left comes with the next turn, in turn. */
  readonly maxevents?: number;
}

/** @throws {TypeError | RangeError} when it is out of range */
export function maxeventsOf({ maxevents = 256 }: ReactorOptions): number {
  return integerIn(maxevents, 'maxevents', 1, 65_536);
}

/** @throws {TypeError} for anything but an AbortSignal, which may be left out */
export function checkSignal(signal: unknown): void {
  if (signal === undefined || signal instanceof AbortSignal) return;
  throw new TypeError(`Cannot run as 'signal' must be an AbortSignal: current value is ${describe(signal)}`);
}
