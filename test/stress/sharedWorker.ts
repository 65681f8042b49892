// A worker of test/stress/shared.ts: takes one connection after another out of the set.
import { parentPort, workerData } from 'node:worker_threads';
import { StreamSet } from 'epoll-ts/net';
import type { SharedWorkerData } from './shared.ts';

const { fd, number, inside, totals } = workerData as SharedWorkerData;
const set = StreamSet.from(fd);
const into = new Uint8Array(4096);

parentPort?.postMessage('ready');
set.run((held) => {
  const { stream, tag } = held;
  if (Atomics.compareExchange(inside, tag, 0, number + 1) !== 0) Atomics.add(totals, 0, 1);
  Atomics.add(totals, 4 + number, 1);
  const count = stream.tryRead(into);
  // 8 messages of 16 bytes are the most that is on its way: there is room for them.
  if (count !== null && count > 0) Atomics.add(totals, 1, stream.tryWrite(into.subarray(0, count)) ?? 0);
  if (Atomics.compareExchange(inside, tag, number + 1, 0) !== number + 1) Atomics.add(totals, 0, 1);
  if (count === 0) stream.close();
  else held.giveBack();
});
set.close();
