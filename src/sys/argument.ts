import { types } from 'node:util';

// Nothing invalid reaches C: koffi would turn 1.5 into 1, "3" into 0 and 2**32+3 into 3 without a word.

const maxUint64 = 2n ** 64n - 1n;

// The accessors of %TypedArray%.prototype itself: `view.byteLength` can be shadowed by an own property or a subclass,
// and C would then write beyond the memory.
const { byteLength, byteOffset, buffer } = Object.getOwnPropertyDescriptors(
  Object.getPrototypeOf(Uint8Array.prototype) as Uint8Array,
);
// Constants, so that V8 knows what is called, and inlines it.
const trueByteLength = byteLength.get as (this: Uint8Array) => number;
const trueByteOffset = byteOffset.get as (this: Uint8Array) => number;
const trueBuffer = buffer.get as (this: Uint8Array) => ArrayBufferLike;

/** Describes a value in an error message without running any code of its owner. */
export function describe(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
    case 'bigint':
      return `${value}n`;
    case 'object':
      return value === null
        ? 'null'
        : types.isProxy(value)
          ? 'a proxy'
          : Array.isArray(value)
            ? 'an array'
            : 'an object';
    case 'function':
      return 'a function';
    default:
      return String(value);
  }
}

function refuse(value: unknown, name: string, rule: string, type: 'number' | 'bigint'): never {
  const message = `Cannot use '${name}' as it must be ${rule}: current value is ${describe(value)}`;
  throw typeof value === type ? new RangeError(message) : new TypeError(message);
}

/** A C int. @throws {TypeError} for another type. @throws {RangeError} for a fraction, NaN, or beyond 32 bits. */
export function int(value: number, name: string): number {
  if (typeof value !== 'number' || (value | 0) !== value)
    refuse(value, name, 'an integer from -2147483648 to 2147483647', 'number');
  return value;
}

/** A C unsigned int. */
export function uint(value: number, name: string): number {
  if (typeof value !== 'number' || value >>> 0 !== value)
    refuse(value, name, 'an integer from 0 to 4294967295', 'number');
  return value;
}

/**
 * A 32-bit mask, as an unsigned number: JavaScript's `|` makes masks with the highest bit negative, and both forms are
 * taken.
 */
export function mask(value: number, name: string): number {
  if (typeof value !== 'number' || ((value | 0) !== value && value >>> 0 !== value)) {
    refuse(value, name, 'a mask of 32 bits', 'number');
  }
  return value >>> 0;
}

/** A C long that JavaScript can hold exactly. */
export function long(value: number, name: string): number {
  if (!Number.isSafeInteger(value)) refuse(value, name, 'a safe integer', 'number');
  return value;
}

/** An integer in a range of its own. */
export function integerIn(value: number, name: string, least: number, most: number): number {
  if (!Number.isInteger(value) || value < least || value > most) {
    refuse(value, name, `an integer from ${least} to ${most}`, 'number');
  }
  return value;
}

/** An unsigned 64-bit value. */
export function uint64(value: bigint, name: string): bigint {
  if (typeof value !== 'bigint' || value < 0n || value > maxUint64)
    refuse(value, name, 'a bigint from 0n to 2n ** 64n - 1n', 'bigint');
  return value;
}

/** A bigint in a range of its own. */
export function bigintIn(value: bigint, name: string, least: bigint, most: bigint): bigint {
  if (typeof value !== 'bigint' || value < least || value > most) {
    refuse(value, name, `a bigint from ${least}n to ${most}n`, 'bigint');
  }
  return value;
}

/**
 * Bytes that C may read or write now.
 *
 * @throws {TypeError} for anything but a Uint8Array, and for one whose buffer was transferred away.
 */
export function bytes(value: Uint8Array, name: string): Uint8Array {
  // A brand check: instanceof would let a Proxy or an object with a forged prototype through.
  if (!types.isUint8Array(value)) {
    throw new TypeError(`Cannot use '${name}' as it must be a Uint8Array: current value is ${describe(value)}`);
  }
  if (byteLengthOf(value) === 0) refuseDetached(value, name);
  return value;
}

/** How many bytes a typed array really has now, whatever its own properties say: the length to tell C. */
export function byteLengthOf(value: Uint8Array): number {
  return trueByteLength.call(value);
}

/** How long the memory is that a view is a part of. */
export function bufferLengthOf(view: Uint8Array): number {
  return trueBuffer.call(view).byteLength;
}

/**
 * `view.subarray(start, end)`, whatever the view's class says that is: one that answers with itself would be written
 * for ever.
 */
export function bytesOf(view: Uint8Array, start: number, end: number = byteLengthOf(view)): Uint8Array {
  return new Uint8Array(trueBuffer.call(view), trueByteOffset.call(view) + start, end - start);
}

function refuseDetached(value: Uint8Array, name: string): void {
  try {
    // The only test that Node 20 has: a view over a detached buffer can't be made (ArrayBuffer.prototype.detached is
    // newer).
    new Uint8Array(value.buffer);
  } catch {
    throw new TypeError(`Cannot use '${name}' as its ArrayBuffer was detached: transfer a copy, or allocate a new one`);
  }
}

/** A byte count within a buffer. */
export function countWithin(count: number | undefined, buffer: Uint8Array, name = 'count'): number {
  const length = byteLengthOf(buffer);
  return count === undefined ? length : integerIn(count, name, 0, length);
}

/**
 * A path as the bytes that the kernel takes.
 *
 * @throws {TypeError} for another type.
 * @throws {RangeError} when it holds a NUL, where C would cut it.
 */
export function path(value: string | Uint8Array, name: string): Uint8Array {
  const raw = typeof value === 'string' ? Buffer.from(value, 'utf8') : bytes(value, name);
  if (raw.includes(0)) {
    throw new RangeError(`Cannot use '${name}' as it must not contain a NUL byte: current value is ${describe(value)}`);
  }
  const terminated = new Uint8Array(raw.byteLength + 1);
  terminated.set(raw);
  return terminated;
}
