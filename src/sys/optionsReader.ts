import { describe } from './argument.ts';
import { nearest } from './nearest.ts';

/**
 * Checks one option and returns it as it is used.
 *
 * @param action what can't be done with a wrong one, as it stands in the message: `'listen'`
 * @throws {TypeError} for another type
 * @throws {RangeError} for a value of the type that is not allowed
 */
export type OptionKind<T> = (value: unknown, name: string, action: string) => T;

/** The kind of an option that must be given; made by `required`. */
export type RequiredKind<T> = OptionKind<T> & { readonly required: true };

/** A kind for each member of an options type. A member that is not optional has a `RequiredKind`. */
export type OptionKinds<T> = {
  readonly [K in keyof T]-?: object extends Pick<T, K> ? OptionKind<Exclude<T[K], undefined>> : RequiredKind<T[K]>;
};

/**
 * Returns a plain copy with the members that were given.
 *
 * @param name the parameter, as it stands in the message
 */
export type OptionsReader<T> = (given: unknown, name?: string) => T;

type AnyKind = OptionKind<unknown> & { readonly required?: true };

// Of a name in a message. No option's is longer.
const longest = 40;
const none: object = Object.freeze({});

/**
 * Makes the function that reads the options of a constructor or a function. All options of this package are read so.
 *
 * It reads each member once, as a getter can answer otherwise the next time; a member can also be an accessor of a
 * class. It refuses what is no object, a member that is unknown, and a value of another kind. `undefined` is a member
 * that is not given.
 *
 * @param action what can't be done with wrong options, as it stands in the message: `'listen'`
 * @param example what to write, for who passed a number: `'{ port: 8080 }'`
 * @param kinds what each member may be
 */
export function optionsReader<T extends object>(
  action: string,
  example: string,
  kinds: OptionKinds<T>,
): OptionsReader<T> {
  const members = Object.entries<AnyKind>(kinds);
  const kindOf = new Map(members);
  const mayBeLeftOut = members.every(([, kind]) => kind.required !== true);
  return (given, name = 'options') => {
    if (given === undefined && mayBeLeftOut) return none as T;
    if (!isObjectOf(kinds, given)) {
      const rule = `'${name}' must be an object such as ${example}`;
      throw new TypeError(`Cannot ${action} as ${rule}: current value is ${describe(given)}`);
    }
    // First: a required member that is missing was probably misspelled.
    const keys = Object.keys(given);
    for (const member of keys) if (!kindOf.has(member)) refuseUnknown(member, { action, name, kinds });
    const copy: Record<string, unknown> = {};
    if (mayBeLeftOut && Object.getPrototypeOf(given) === Object.prototype) {
      // Nearly always. Of seven members one is given: to look for the others takes longer than the rest.
      for (const member of keys) {
        const value = given[member];
        if (value !== undefined) copy[member] = kindOf.get(member)?.(value, member, action);
      }
      return copy as T;
    }
    for (const [member, kind] of members) {
      const value = given[member];
      if (value !== undefined || kind.required === true) copy[member] = kind(value, member, action);
    }
    return copy as T;
  };
}

// An instance of a class that has no member of these was passed by mistake: an AbortSignal in place of { signal }.
function isObjectOf(kinds: object, given: unknown): given is Record<string, unknown> {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return false;
  const prototype: unknown = Object.getPrototypeOf(given);
  if (prototype === Object.prototype || prototype === null) return true;
  // A plain object of another realm.
  if (Object.getPrototypeOf(prototype) === null) return true;
  return Object.keys(kinds).some((member) => member in given);
}

interface Place {
  readonly action: string;
  readonly name: string;
  readonly kinds: object;
}

function refuseUnknown(member: string, { action, name, kinds }: Place): never {
  const known = Object.keys(kinds);
  const meant = member.length > longest ? null : nearest(member, known);
  const advice = meant === null ? `the members of '${name}' are ${known.join(', ')}` : `did you mean '${meant}'?`;
  throw new TypeError(`Cannot ${action} as '${member.slice(0, longest)}' is unknown: ${advice}`);
}
