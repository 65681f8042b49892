import { eachOf } from '../../reactor/eachOf.ts';
import type { ByteChannel } from './byteChannel.ts';
import { readChunk, type ReadInto } from './readChunk.ts';

/**
 * What `read` gives of a channel, chunk by chunk, or message by message, until the end; waits where there is nothing.
 */
export function eachChunk(read: ReadInto, { features, readiness }: ByteChannel): AsyncIterableIterator<Uint8Array> {
  const { messageLength } = features;
  return eachOf(async (signal) => {
    for (;;) {
      const chunk = readChunk(read, messageLength?.());
      if (chunk === null) {
        await readiness.waitToRead(signal);
        continue;
      }
      if (readiness.budget.spend(chunk.length)) await readiness.budget.rest();
      return chunk.length === 0 ? undefined : chunk;
    }
  });
}
