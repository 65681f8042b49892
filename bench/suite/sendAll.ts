import type { Writable } from 'node:stream';
import { serveSlices } from './serveSlices.ts';

/** Serves slices of MiB that go into a Writable, which says when it wants to rest. */
export async function sendAll(to: Writable): Promise<void> {
  const chunk = Buffer.alloc(65_536);
  await serveSlices(
    async (operations) =>
      new Promise<number>((resolve) => {
        let left = operations * 16;
        const go = (): void => {
          while (left-- > 0) {
            if (to.write(chunk)) continue;
            to.once('drain', go);
            return;
          }
          resolve(operations);
        };
        go();
      }),
  );
}
