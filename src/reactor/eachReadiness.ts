import { ClosedError } from '../fd/closedError.ts';

/** The events that `ready` resolves with, one after another; ends when it rejects with ClosedError. */
export function eachReadiness(ready: () => Promise<number>): AsyncIterableIterator<number> {
  let ended = false;
  const end = (): IteratorReturnResult<undefined> => {
    ended = true;
    return { value: undefined, done: true };
  };
  const iterator: AsyncIterableIterator<number> = {
    next: async () => {
      if (ended) return end();
      try {
        return { value: await ready(), done: false };
      } catch (error) {
        const last = end();
        if (error instanceof ClosedError) return last;
        throw error;
      }
    },
    return: async () => end(),
    [Symbol.asyncIterator]: () => iterator,
  };
  return iterator;
}
