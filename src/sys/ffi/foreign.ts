import { backend, type ParameterKind, type RawCall, type ResultKind } from './backend.ts';

interface ArgumentOf {
  int: number;
  uint: number;
  long: number | bigint;
  ulong: number | bigint;
  pointer: ArrayBufferView | null;
  address: number;
}

/** A foreign function that answers like the kernel: ≥ 0, or -errno. */
export type Foreign<P extends readonly ParameterKind[]> = (
  ...args: { readonly [I in keyof P]: ArgumentOf[P[I]] }
) => number;

// What was declared and not bound yet.
let declared: (() => void)[] = [];

// All at the first call of any, 0.4 ms: in a worker that is told to end while koffi 3.3.4 binds, koffi aborts the
// process (seen on Node 20 to 26), so that must not happen at any later moment.
function bindDeclared(): void {
  const all = declared;
  declared = [];
  for (const bind of all) {
    try {
      bind();
    } catch {
      // A symbol that this C library lacks: whoever calls it is told.
    }
  }
}

/**
 * Binds a C function on the first call of any and turns its -1 into `-errno`: the one place where errno is read, at
 * once, before anything else can change it.
 *
 * Arguments are NOT checked: that is the caller's duty (see argument.ts).
 *
 * @param own for a call on a hot path: makes the function from a function literal of the caller's own. V8 keeps what it
 *   has seen at a call per literal, and those of this file are shared by all bindings: a call that has seen two
 *   functions is not compiled into a call of C, and takes four returns more, each 8 ns after a system call
 *   (docs/performance.md)
 */
export function foreign<const P extends readonly ParameterKind[]>(
  symbol: string,
  parameters: P,
  result: ResultKind = 'int',
  own?: (bound: () => RawCall) => Foreign<P>,
): Foreign<P> {
  let call: RawCall | undefined;
  const bindThis = (): RawCall => (call = backend().bind(symbol, parameters, result));
  declared.push(() => void (call ?? bindThis()));
  const bind = (): RawCall => {
    backend(); // its own error first, where there is none
    bindDeclared();
    return call ?? bindThis();
  };
  if (own !== undefined) return own(() => call ?? bind());
  const byArity: readonly RawCall[] = [
    () => answer((call ?? bind())()),
    (a) => answer((call ?? bind())(a)),
    (a, b) => answer((call ?? bind())(a, b)),
    (a, b, c) => answer((call ?? bind())(a, b, c)),
    (a, b, c, d) => answer((call ?? bind())(a, b, c, d)),
    (a, b, c, d, e) => answer((call ?? bind())(a, b, c, d, e)),
    (...args) => answer((call ?? bind())(...args)),
  ];
  return (byArity[Math.min(parameters.length, 6)] ?? bind) as unknown as Foreign<P>;
}

/**
 * A result of C as the kernel's answer. Below -1 is no error: F_GETOWN answers a process group as its negative number.
 */
export function answer(result: number): number {
  return result === -1 ? -backend().errno() : result;
}

/** The address of a view's memory, for structs that hold pointers; the view must stay reachable while C uses it. */
export function addressOf(view: ArrayBufferView): bigint {
  return backend().address(view);
}

/**
 * The same as a number, which koffi takes faster. Those of user space fit, but one may carry a tag in its highest byte
 * (arm64).
 *
 * @throws {RangeError} for one above 2^53: a number would be another address
 */
export function addressNumberOf(view: ArrayBufferView): number {
  const address = addressOf(view);
  const number = Number(address);
  if (Number.isSafeInteger(number)) return number;
  throw new RangeError(
    `Cannot use memory whose address is above 2^53 - 1: current address is 0x${address.toString(16)}`,
  );
}

/**
 * The address of memory that is used over and over: found once, at the first call. A typed array of its own, whose
 * buffer nobody else has: one that is transferred away or resized moves. It must be reachable while C uses it.
 */
export class FixedMemory {
  readonly view: Uint32Array;
  #address = 0;

  constructor(view: Uint32Array) {
    this.view = view;
  }

  /** @throws {UnsupportedError} where there is no backend */
  get address(): number {
    if (this.#address === 0) this.#address = addressNumberOf(this.view);
    return this.#address;
  }
}
