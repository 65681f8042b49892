import type { UnderlyingSink, WritableStreamDefaultController } from 'node:stream/web';
import { types } from 'node:util';
import { byteLengthOf, bytesOf, describe } from '../../sys/argument.ts';
import type { ByteStream } from '../stream/byteStream.ts';

// So much may wait for the kernel before `desiredSize` is 0.
const highWaterMark = 65_536;

/** The writing direction of a stream as a Web Stream. @param ended called when the direction is over */
export function webWritable(stream: ByteStream, ended: () => void): WritableStream<Uint8Array> {
  const sink: UnderlyingSink<Uint8Array> = {
    async write(chunk, controller) {
      if (!types.isUint8Array(chunk)) {
        throw new TypeError(`Cannot write as a chunk must be a Uint8Array: current value is ${describe(chunk)}`);
      }
      // Aborted before `abort` is called, while a write is under way. The types of Node 20 lack it.
      const { signal } = controller as WritableStreamDefaultController & { readonly signal: AbortSignal };
      try {
        for (let rest: Uint8Array = chunk; byteLengthOf(rest) > 0;) {
          const count = stream.takenWrite(rest);
          if (count === null) await stream.untilWritable({ signal });
          else rest = bytesOf(rest, count);
        }
      } catch (error) {
        ended();
        throw error;
      }
    },
    close() {
      stream.takenEnd('write');
      ended();
    },
    abort() {
      // The end of the peer's reading would look like the end of the data.
      stream.features.reset?.();
      stream.close();
    },
  };
  return new WritableStream(sink, {
    highWaterMark,
    size: (chunk) => (types.isUint8Array(chunk) ? byteLengthOf(chunk) : 1),
  });
}
