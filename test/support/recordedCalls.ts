import { type Argument, backend } from '#epoll/sys/ffi/backend.js';

/** A call that would have reached C. */
export interface RecordedCall {
  readonly symbol: string;
  readonly args: readonly Argument[];
}

/**
 * From now on nothing reaches C: each foreign function is a stub that answers 0, and its calls are listed in the order they
 * came. To be called before any foreign function is, as the first call binds them all.
 */
export function recordCalls(): RecordedCall[] {
  const calls: RecordedCall[] = [];
  backend().bind =
    (symbol) =>
    (...args) => {
      calls.push({ symbol, args });
      return 0;
    };
  return calls;
}
