// A module for the workers of `serve`: at the exit of its thread it opens files, which get the numbers that the thread
// has closed just before, and tells them in `data`.
import { workerData } from 'node:worker_threads';
import type { ByteStream } from 'epoll-ts/net';
import { O_CLOEXEC, O_RDONLY, open } from 'epoll-ts/sys';

const { data } = workerData as { readonly data: Int32Array };

process.on('exit', () => {
  // Through our own calls: what node:fs opens in a worker is closed with it.
  for (const index of data.keys()) data[index] = open('/dev/null', O_RDONLY | O_CLOEXEC);
});

export function onConnection(stream: ByteStream): void {
  stream.close();
}
