import { describe } from './argument.ts';
import type { OptionKind, RequiredKind } from './optionsReader.ts';

function refuse(message: { value: unknown; name: string; action: string; rule: string }, type = 'none'): never {
  const { value, name, action, rule } = message;
  const text = `Cannot ${action} as '${name}' must be ${rule}: current value is ${describe(value)}`;
  throw typeof value === type ? new RangeError(text) : new TypeError(text);
}

/** true or false. */
export const aBoolean: OptionKind<boolean> = (value, name, action) =>
  typeof value === 'boolean' ? value : refuse({ value, name, action, rule: 'a boolean' });

/** A string. */
export const aString: OptionKind<string> = (value, name, action) =>
  typeof value === 'string' ? value : refuse({ value, name, action, rule: 'a string' });

/** A function, whose parameters can't be checked. */
export function aFunction<T extends Function>(): OptionKind<T> {
  return (value, name, action) =>
    typeof value === 'function' ? (value as T) : refuse({ value, name, action, rule: 'a function' });
}

/** An integer in a range. */
export function anInteger(least: number, most: number): OptionKind<number> {
  return (value, name, action) =>
    Number.isInteger(value) && (value as number) >= least && (value as number) <= most
      ? (value as number)
      : refuse({ value, name, action, rule: `an integer from ${least} to ${most}` }, 'number');
}

/**
 * A whole number in a range, as a bigint or a number. A number must be a safe integer: beyond, it may not be what was
 * meant.
 */
export function aCount(least: bigint, most: bigint): OptionKind<bigint> {
  return (value, name, action) => {
    const count = typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value;
    if (typeof count === 'bigint' && count >= least && count <= most) return count;
    const rule = `a bigint from ${least}n to ${most}n, or a safe integer`;
    return refuse({ value, name, action, rule }, typeof value === 'number' ? 'number' : 'bigint');
  };
}

/** One of some strings. */
export function oneOf<T extends string>(...known: readonly T[]): OptionKind<T> {
  return (value, name, action) =>
    known.find((each) => each === value) ??
    refuse({ value, name, action, rule: `one of ${known.map((each) => `'${each}'`).join(', ')}` });
}

/** An instance of a class. `rule` says which, as it stands in the message: `'a listener'`. */
export function anInstance<T>(type: abstract new (...args: never[]) => T, rule: string): OptionKind<T> {
  return (value, name, action) => (value instanceof type ? value : refuse({ value, name, action, rule }));
}

/** An AbortSignal. The class is looked up at each call: a test environment can replace it. */
export const anAbortSignal: OptionKind<AbortSignal> = (value, name, action) =>
  value instanceof AbortSignal ? value : refuse({ value, name, action, rule: 'an AbortSignal' });

/** Whatever is given. */
export const anything: OptionKind<unknown> = (value) => value;

/** An option that must be given. */
export function required<T>(kind: OptionKind<T>): RequiredKind<T> {
  const own: OptionKind<T> = (value, name, action) => kind(value, name, action);
  return Object.assign(own, { required: true } as const);
}
