/** A value that must be refused, and what to call it in a message. */
export interface HostileValue {
  readonly label: string;
  readonly value: unknown;
}

const explosive = {
  valueOf: (): never => {
    throw new Error('valueOf was called');
  },
  toString: (): never => {
    throw new Error('toString was called');
  },
};

/** Of no type that any parameter has, whatever C would make of them. */
const strangers: readonly HostileValue[] = [
  { label: 'null', value: null },
  { label: 'true', value: true },
  { label: '{}', value: {} },
  { label: '[]', value: [] },
  { label: '[3]', value: [3] },
  { label: 'a symbol', value: Symbol('fd') },
  { label: 'a function', value: () => 3 },
  { label: 'a proxy', value: new Proxy({}, {}) },
  { label: 'a proxy of a function', value: new Proxy(() => 3, {}) },
  { label: 'a Number object', value: Object(3) },
  { label: 'an object whose valueOf throws', value: explosive },
  { label: 'an object whose valueOf answers 3', value: { valueOf: () => 3 } },
];
const missing: HostileValue = { label: 'undefined', value: undefined };
const fractions = numbers(Number.NaN, 1.5, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 5e-324, 2 ** 53, 1e300);
const texts: readonly HostileValue[] = [
  { label: "'3'", value: '3' },
  { label: "''", value: '' },
];
const bigints: readonly HostileValue[] = [{ label: '1n', value: 1n }];
const notNumbers = [...strangers, ...texts, ...bigints];

/** For a C int: 2 ** 32 must not become 0, nor 2 ** 32 + 3 become 3. */
export const hostileInts = [
  ...notNumbers,
  missing,
  ...fractions,
  ...numbers(2 ** 31, -(2 ** 31) - 1, 2 ** 32, 2 ** 32 + 3, -(2 ** 32)),
];
/** For a C unsigned int. */
export const hostileUints = [...notNumbers, missing, ...fractions, ...numbers(-1, 2 ** 32, 2 ** 32 + 3)];
/** For a mask of 32 bits, which may be negative. */
export const hostileMasks = [...notNumbers, missing, ...fractions, ...numbers(-(2 ** 31) - 1, 2 ** 32, 2 ** 32 + 1)];
/** For 64 bits of user data: a number or a bigint. */
export const hostileData = [
  ...strangers,
  ...texts,
  ...fractions,
  ...numbers(-1, -(2 ** 31)),
  ...[-1n, 2n ** 64n, 2n ** 64n + 5n, -(2n ** 63n)].map((value) => ({ label: `${value}n`, value })),
];

/** For an unsigned 64-bit value. */
export const hostileUint64s = [
  ...strangers,
  missing,
  ...texts,
  ...numbers(0, 1),
  ...[-1n, 2n ** 64n, 2n ** 64n + 5n, 2n ** 200n].map((value) => ({ label: `${value}n`, value })),
];
/** For a duration in nanoseconds. */
export const hostileDurations = [
  ...strangers,
  missing,
  ...texts,
  ...numbers(0, 1, 1.5),
  ...[2n ** 63n * 1_000_000_000n, -(2n ** 63n) * 1_000_000_000n].map((value) => ({ label: `${value}n`, value })),
];

/** For memory: everything that is no Uint8Array, and one whose memory is gone. */
export const hostileBytes = [
  ...strangers,
  missing,
  ...texts,
  ...bigints,
  ...numbers(0, 1, 2 ** 32),
  { label: 'a DataView', value: new DataView(new ArrayBuffer(8)) },
  { label: 'an ArrayBuffer', value: new ArrayBuffer(8) },
  { label: 'a SharedArrayBuffer', value: new SharedArrayBuffer(8) },
  { label: 'an Int8Array', value: new Int8Array(8) },
  { label: 'a Uint8ClampedArray', value: new Uint8ClampedArray(8) },
  { label: 'a Float64Array', value: new Float64Array(8) },
  { label: 'a proxy of a Uint8Array', value: new Proxy(new Uint8Array(8), {}) },
  { label: 'an object with the prototype of Uint8Array', value: Object.create(Uint8Array.prototype) },
  { label: 'a detached Uint8Array', value: detached() },
  {
    label: 'a detached Uint8Array that claims 8 bytes',
    value: Object.defineProperty(detached(), 'byteLength', { value: 8 }),
  },
];
/** For a path: not strings, but strings and bytes that C would cut. */
export const hostilePaths = [
  ...hostileBytes.filter(({ value }) => typeof value !== 'string'),
  { label: 'a string with a NUL', value: '/tmp\0/etc' },
  { label: 'bytes with a NUL', value: Uint8Array.of(0x2f, 0, 0x2f) },
];

/** For an object of a class whose memory goes to C: also forged ones, and another class's. */
export function hostileInstances(example: object, other: object): HostileValue[] {
  return [
    ...notNumbers.filter(({ value }) => value !== null),
    missing,
    ...numbers(0, 1),
    ...hostileBytes.slice(-4),
    { label: 'an object of another class', value: other },
    { label: 'a proxy of the right object', value: new Proxy(example, {}) },
    { label: 'an object with the right prototype', value: Object.create(Object.getPrototypeOf(example) as object) },
    { label: 'an object with the same members', value: Object.assign(Object.create(null) as object, example) },
  ];
}

/** The same values where the parameter may be left out. */
export function orAbsent(values: readonly HostileValue[]): HostileValue[] {
  return values.filter(({ value }) => value !== undefined);
}

/** The same values where the parameter may be null. */
export function orNull(values: readonly HostileValue[]): HostileValue[] {
  return values.filter(({ value }) => value !== null);
}

/** Adds `null`. */
export function andNull(values: readonly HostileValue[]): HostileValue[] {
  return [...values, { label: 'null', value: null }];
}

/** Any values, labelled by what they print as. */
export function hostile(values: Readonly<Record<string, unknown>>): HostileValue[] {
  return Object.entries(values).map(([label, value]) => ({ label, value }));
}

/** Not an object, and no other value that a record is taken from. */
export const hostileRecords: readonly HostileValue[] = [
  { label: 'null', value: null },
  missing,
  ...texts,
  ...bigints,
  ...numbers(0, 1, Number.NaN),
  { label: 'a symbol', value: Symbol('fd') },
  { label: '{}', value: {} },
  { label: '[]', value: [] },
  { label: 'true', value: true },
];

function numbers(...values: readonly number[]): HostileValue[] {
  return values.map((value) => ({ label: String(value), value }));
}

function detached(): Uint8Array {
  const bytes = new Uint8Array(8);
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
  return bytes;
}
