import { type Argument, backend, type ParameterKind } from '#epoll/sys/ffi/backend.js';

/** A call that would have reached C. */
export interface RecordedCall {
  readonly symbol: string;
  readonly args: readonly Argument[];
}

/**
 * From now on nothing reaches C: each foreign function is a stub that answers 0, and its calls are listed in the order
 * they came. To be called before any foreign function is, as the first call binds them all.
 */
export function recordCalls(): RecordedCall[] {
  const calls: RecordedCall[] = [];
  const views = new Map<Argument, ArrayBufferView | null>([[0, null]]);
  const { address } = backend();
  backend().address = (view) => {
    const where = address(view);
    views.set(Number(where), view);
    return where;
  };
  // An address is told as the memory that is there.
  const told = (kind: ParameterKind | undefined, value: Argument): Argument =>
    kind === 'address' ? (views.get(value) ?? null) : value;
  backend().bind =
    (symbol, kinds) =>
    (...args) => {
      calls.push({ symbol, args: args.map((value, index) => told(kinds[index], value)) });
      return 0;
    };
  return calls;
}
