import { ClosedError } from '../fd/closedError.ts';

// What `take` is given up with. An object of its own, so that nothing else can be taken for it.
const left = { left: true };

/**
 * What `take` gives, one value after another; ends where it gives undefined, or rejects with ClosedError.
 *
 * An async generator can't end while its `next()` waits: its `return()` waits too, and the process does not end. Here
 * `return()` has the signal abort, and the pending `next()` says that there is no more. A value that `take` has already
 * is delivered first.
 */
export function eachOf<T>(take: (signal: AbortSignal) => Promise<T | undefined>): AsyncIterableIterator<T> {
  const leaving = new AbortController();
  const { signal } = leaving;
  const end = (): IteratorReturnResult<undefined> => {
    leaving.abort(left);
    return { value: undefined, done: true };
  };
  const iterator: AsyncIterableIterator<T> = {
    next: async () => {
      if (signal.aborted) return end();
      try {
        const value = await take(signal);
        return value === undefined ? end() : { value, done: false };
      } catch (error) {
        const last = end();
        if (error === left || error instanceof ClosedError) return last;
        throw error;
      }
    },
    return: async () => end(),
    [Symbol.asyncIterator]: () => iterator,
  };
  return iterator;
}
