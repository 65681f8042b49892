import type { UnderlyingSink, WritableStreamDefaultController } from 'node:stream/web';
import { types } from 'node:util';
import { byteLengthOf, describe } from '../../sys/argument.ts';
import type { ByteChannel } from '../core/byteChannel.ts';
import { Outgoing } from '../core/sendAll.ts';
import type { Ending } from './ending.ts';

// So much may wait for the kernel before `desiredSize` is 0.
const highWaterMark = 65_536;

/** The writing direction of a stream as a Web Stream. @param ended called when the direction is over */
export function webWritable(channel: ByteChannel, ended: (how: Ending) => void): WritableStream<Uint8Array> {
  const sink: UnderlyingSink<Uint8Array> = {
    async write(chunk, controller) {
      // Aborted before `abort` is called, while a write is under way. The types of Node 20 lack it.
      const { signal } = controller as WritableStreamDefaultController & { readonly signal: AbortSignal };
      try {
        if (!types.isUint8Array(chunk)) {
          throw new TypeError(`Cannot write as a chunk must be a Uint8Array: current value is ${describe(chunk)}`);
        }
        await channel.sendAll(new Outgoing([chunk]), signal);
      } catch (error) {
        ended('failed');
        throw error;
      }
    },
    close() {
      channel.end('write');
      ended('finished');
    },
    abort() {
      // The end of the peer's reading would look like the end of the data.
      channel.features.reset?.();
      channel.close();
    },
  };
  return new WritableStream(sink, {
    highWaterMark,
    size: (chunk) => (types.isUint8Array(chunk) ? byteLengthOf(chunk) : 1),
  });
}
