import { eachOf } from '../../reactor/eachOf.ts';
import type { CachedReadiness } from './cachedReadiness.ts';
import { ownChunk, type ReadInto } from './ownChunk.ts';

/** What `read` gives, chunk by chunk, until the end; waits where there is nothing. */
export function eachChunk(read: ReadInto, readiness: CachedReadiness): AsyncIterableIterator<Uint8Array> {
  return eachOf(async (signal) => {
    for (;;) {
      const chunk = ownChunk(read);
      if (chunk === null) {
        await readiness.waitToRead(signal);
        continue;
      }
      if (readiness.budget.spend(chunk.length)) await readiness.budget.rest();
      return chunk.length === 0 ? undefined : chunk;
    }
  });
}
