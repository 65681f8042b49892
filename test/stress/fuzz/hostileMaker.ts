import type { Random } from './random.ts';
import { GrowableBuffer, ResizableBuffer } from '../../support/resizableBuffer.ts';

/** What hostile values throw: the one error beside the documented ones that may come out. */
export class Marker extends Error {
  static {
    this.prototype.name = 'Marker';
  }
}

/** What a hostile value may do when it is looked at. */
export type SideEffect = () => void;

const numbers = [
  0,
  -0,
  1,
  -1,
  1.5,
  NaN,
  Infinity,
  -Infinity,
  2 ** 31,
  -(2 ** 31) - 1,
  2 ** 32,
  2 ** 32 + 3,
  2 ** 53,
  1e300,
  5e-324,
];
/** Numbers that can be no open descriptor. */
const numbersWithoutFile = numbers.filter((value) => value < 0 || !Number.isInteger(value) || value > 0xffff);
const bigints = [
  0n,
  1n,
  -1n,
  2n ** 63n,
  2n ** 64n - 1n,
  2n ** 64n,
  -(2n ** 63n),
  2n ** 200n,
  2n ** 63n * 1_000_000_000n,
];
const texts = [
  '',
  '3',
  'SIGHUP',
  'level',
  '\0',
  'a\0b',
  '\ud800',
  'x'.repeat(5000),
  'constructor',
  '__proto__',
  'toString',
];

/** Makes values that no sane caller passes. */
export class HostileMaker {
  readonly #random: Random;
  readonly #sideEffect: () => SideEffect;

  constructor(random: Random, sideEffect: () => SideEffect) {
    this.#random = random;
    this.#sideEffect = sideEffect;
  }

  /** Any value of any type; numbers that could be a descriptor only where `small` says that they are harmless. */
  any(small: boolean): unknown {
    const random = this.#random;
    switch (random.below(9)) {
      case 0:
      case 1:
        return random.pick(small ? numbers : numbersWithoutFile);
      case 2:
        return random.pick(bigints);
      case 3:
        return random.pick(texts);
      case 4:
        return random.pick([undefined, null, true, false, Symbol('s'), Symbol.iterator]);
      case 5:
        return this.bytes();
      case 6:
        return this.#object();
      default:
        return this.#trap();
    }
  }

  #object(): unknown {
    const act = this.#sideEffect();
    return this.#random.pick<() => unknown>([
      () => ({}),
      () => [],
      () => [3],
      () => Array.from({ length: 3 }),
      () => Object.create(null) as unknown,
      () => Object.freeze({}),
      () => new Map([[1, 1]]),
      () => new Date(NaN),
      () => Object(3) as unknown,
      () => Object(3n) as unknown,
      () => () => 3,
      () => class Nothing {},
      () => Promise.resolve(3),
      () => new DataView(new ArrayBuffer(8)),
      () => new ArrayBuffer(8),
      () => new Float64Array(2),
      () => new Marker('given as a value'),
      () => ({ valueOf: () => (act(), 3), toString: () => (act(), '3') }),
      () => ({ [Symbol.toPrimitive]: act }),
      () => ({
        [Symbol.iterator]: () => (act(), [1, 'SIGHUP', 65][Symbol.iterator]()),
      }),
    ])();
  }

  // Values that run code when they are looked at.
  #trap(): unknown {
    const act = this.#sideEffect();
    const target = this.#random.pick<() => object>([
      () => ({}),
      () => [1, 2],
      () => () => 3,
      () => new Uint8Array(8),
    ])();
    switch (this.#random.below(4)) {
      case 0: {
        const { proxy, revoke } = Proxy.revocable(target, {});
        revoke();
        return proxy;
      }
      case 1:
        return new Proxy(target, {});
      case 2:
        return new Proxy(target, {
          get: (inner, key) => (act(), Reflect.get(inner, key) as unknown),
          has: (inner, key) => (act(), Reflect.has(inner, key)),
          ownKeys: (inner) => (act(), Reflect.ownKeys(inner)),
          getPrototypeOf: (inner) => (act(), Reflect.getPrototypeOf(inner)),
        });
      default:
        return this.record(['fd', 'length', 'aborted', 'signal', 'name'], (name) => (name === 'fd' ? 0x7fff_ffff : 3));
    }
  }

  /**
   * An object with some of these members; some of them are getters that do something, or answer otherwise each time.
   */
  record(names: readonly string[], value: (name: string) => unknown): object {
    const made = {};
    for (const name of names) {
      if (!this.#random.chance(10)) {
        Object.defineProperty(made, name, { value: value(name), enumerable: true, writable: true, configurable: true });
        continue;
      }
      const act = this.#sideEffect();
      const get = (): unknown => (act(), value(name));
      Object.defineProperty(made, name, { get, enumerable: true, configurable: true });
    }
    return made;
  }

  /** Bytes of every kind: zero-length, detached, shared, resized, of another class, lying about their length. */
  bytes(): Uint8Array {
    const random = this.#random;
    const length = random.pick([0, 1, 4, 8, 16, 64, 4096]);
    switch (random.below(9)) {
      case 0: {
        const detached = new Uint8Array(length);
        structuredClone(detached.buffer, { transfer: [detached.buffer] });
        return detached;
      }
      case 1:
        return new Uint8Array(new SharedArrayBuffer(length));
      case 2: {
        const buffer = new ResizableBuffer(length, { maxByteLength: 8192 });
        const view = random.chance(50) ? new Uint8Array(buffer) : new Uint8Array(buffer, Math.min(length, 4));
        buffer.resize(random.pick([0, 1, 8, 8192]));
        return view;
      }
      case 3: {
        const buffer = new GrowableBuffer(length, { maxByteLength: 8192 });
        const view = new Uint8Array(buffer);
        buffer.grow(Math.max(length, random.pick([8, 8192])));
        return view;
      }
      case 4: {
        const act = this.#sideEffect();
        class Liar extends Uint8Array {
          override get byteLength(): number {
            act();
            return 1 << 20;
          }
        }
        return new Liar(length);
      }
      case 5:
        return Object.defineProperty(new Uint8Array(length), 'length', { value: 1 << 20 });
      case 6:
        return Object.defineProperty(Buffer.alloc(length), 'byteLength', { value: -1 });
      default:
        return new Uint8Array(length);
    }
  }
}
