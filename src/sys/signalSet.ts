import * as names from './abi/signal.ts';
import { describe, integerIn } from './argument.ts';

const numbers: ReadonlyMap<string, number> = new Map(Object.entries(names));

// glibc's sigset_t has 1024 bits; the kernel reads and writes the first 64, but glibc copies the whole struct.
const sigsetBytes = 128;

let bytesOf: (set: SignalSet) => Uint8Array;

/** A signal by number (1 to 64) or by C name. */
export type SignalLike = number | string;

/**
 * The number of a signal.
 *
 * @throws {TypeError} for another type or an unknown name.
 * @throws {RangeError} outside 1 to 64.
 */
export function signalNumber(signal: SignalLike, name = 'signal'): number {
  if (typeof signal !== 'string') return integerIn(signal, name, 1, names.SIGRTMAX);
  const number = numbers.get(signal) ?? realTimeNumber(signal);
  if (number === undefined) {
    throw new TypeError(
      `Cannot use '${name}' as it must be a signal such as 'SIGHUP': current value is ${describe(signal)}`,
    );
  }
  return number;
}

// Real-time signals have no names but their distance, as signalName writes it.
function realTimeNumber(signal: string): number | undefined {
  const distance = /^SIGRTMIN\+(\d{1,2})$/.exec(signal)?.[1];
  const number = names.SIGRTMIN + Number(distance ?? NaN);
  return number <= names.SIGRTMAX ? number : undefined;
}

/**
 * The C name of a signal number; real-time signals by their distance: `'SIGRTMIN+2'`.
 *
 * @throws {TypeError | RangeError} for anything but an integer from 1 to 64
 */
export function signalName(signal: number): string {
  integerIn(signal, 'signal', 1, names.SIGRTMAX);
  if (signal >= names.SIGRTMIN) return signal === names.SIGRTMIN ? 'SIGRTMIN' : `SIGRTMIN+${signal - names.SIGRTMIN}`;
  for (const [name, number] of numbers) if (number === signal) return name;
  return `signal ${signal}`;
}

/**
 * `sigset_t`: a set of signals, 1 to 64.
 *
 * @see https://man7.org/linux/man-pages/man3/sigsetops.3.html
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { SignalSet } from 'epoll-ts/sys';
 *
 * assert.deepEqual(new SignalSet(['SIGTERM', 'SIGINT']).values(), [2, 15]);
 * ```
 */
export class SignalSet {
  static {
    bytesOf = (set) => set.#bytes;
  }

  readonly #bytes = new Uint8Array(sigsetBytes);

  /** @throws {TypeError} for an unknown name. @throws {RangeError} for a number outside 1 to 64. */
  constructor(signals: Iterable<SignalLike> = []) {
    for (const signal of signals) this.add(signal);
  }

  /** Puts a signal into the set. */
  add(signal: SignalLike): this {
    const [byte, bit] = position(signal);
    this.#bytes[byte] = (this.#bytes[byte] ?? 0) | bit;
    return this;
  }

  /** Takes a signal out of the set. */
  delete(signal: SignalLike): this {
    const [byte, bit] = position(signal);
    this.#bytes[byte] = (this.#bytes[byte] ?? 0) & ~bit;
    return this;
  }

  /** Whether the signal is in the set. */
  has(signal: SignalLike): boolean {
    const [byte, bit] = position(signal);
    return ((this.#bytes[byte] ?? 0) & bit) !== 0;
  }

  /** The numbers in the set, ascending. */
  values(): number[] {
    const all: number[] = [];
    for (let signal = 1; signal <= names.SIGRTMAX; signal++) if (this.has(signal)) all.push(signal);
    return all;
  }

  static isSignalSet(value: unknown): value is SignalSet {
    return typeof value === 'object' && value !== null && #bytes in value;
  }
}

function position(signal: SignalLike): readonly [byte: number, bit: number] {
  const index = signalNumber(signal) - 1;
  return [index >> 3, 1 << (index & 7)];
}

/** The memory of a set, or null for null. @throws {TypeError} for anything else than a SignalSet or null. */
export function sigsetBytesOf(set: SignalSet | null, name: string): Uint8Array | null {
  if (set === null) return null;
  if (!SignalSet.isSignalSet(set)) {
    throw new TypeError(`Cannot use '${name}' as it must be a SignalSet or null: current value is ${describe(set)}`);
  }
  return bytesOf(set);
}
