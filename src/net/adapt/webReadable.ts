import type { ReadableByteStreamController, UnderlyingByteSource } from 'node:stream/web';
import type { ByteChannel } from '../core/byteChannel.ts';
import { readChunk } from '../core/readChunk.ts';
import type { Ending } from './ending.ts';

/** The reading direction of a stream as a Web Stream of bytes. @param ended called when the direction is over */
export function webReadable(channel: ByteChannel, ended: (how: Ending) => void): ReadableStream<Uint8Array> {
  const stopped = new AbortController();
  const { budget } = channel.readiness;
  const { messageLength } = channel.features;

  const enqueue = (controller: ReadableByteStreamController): number | null => {
    const into = controller.byobRequest?.view;
    if (into !== undefined && into !== null) {
      const count = channel.read(new Uint8Array(into.buffer, into.byteOffset, into.byteLength));
      if (count !== null && count > 0) controller.byobRequest?.respond(count);
      return count;
    }
    const chunk = readChunk((memory) => channel.read(memory), messageLength?.());
    if (chunk === null) return null;
    // Before it is given away: then it has no bytes here.
    const { length } = chunk;
    if (length > 0) controller.enqueue(chunk);
    return length;
  };

  const source: UnderlyingByteSource = {
    type: 'bytes',
    async pull(controller) {
      try {
        for (;;) {
          const count = enqueue(controller);
          if (count === 0) break;
          if (count !== null) {
            if (budget.spend(count)) await budget.rest();
            return;
          }
          await channel.readiness.waitToRead(stopped.signal);
        }
      } catch (error) {
        ended('failed');
        throw error;
      }
      try {
        // Throws where half an element was read, of a reader whose elements have several bytes.
        controller.close();
        // Without this a BYOB read would wait for ever.
        controller.byobRequest?.respond(0);
      } finally {
        ended('finished');
      }
    },
    cancel(reason) {
      stopped.abort(reason);
      if (!channel.closed && channel.features.peerSeesReadEnd === true) channel.end('read');
      ended('cancelled');
    },
  };
  return new ReadableStream(source);
}
