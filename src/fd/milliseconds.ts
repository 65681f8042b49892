import { describe } from '../sys/argument.ts';

/**
 * A number of milliseconds, fractions and Infinity allowed.
 *
 * @param name the parameter, and `action` what can't be done with a wrong one, as they stand in the message
 * @throws {TypeError} for another type. @throws {RangeError} when it is negative or NaN.
 */
export function milliseconds(value: unknown, name: string, action: string): number {
  if (typeof value !== 'number') {
    throw new TypeError(`Cannot ${action} as '${name}' must be a number: current value is ${describe(value)}`);
  }
  if (!(value >= 0)) {
    throw new RangeError(`Cannot ${action} as '${name}' must not be negative or NaN: current value is ${value}`);
  }
  return value;
}
