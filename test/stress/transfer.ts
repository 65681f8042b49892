// npm run stress:transfer -- 256 : sends so many MiB of random bytes each way, to slow readers, through every kind of
// stream and in every way of using it, in the main thread and in a worker, and watches the memory.
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { pairMakers } from '../support/connectedPair.ts';
import { transfer, ways } from '../support/transfer.ts';

const [, , mebibytes = '256'] = process.argv;
const bytes = Number(mebibytes) << 20;
const allowedBytes = 64 << 20;

async function run(): Promise<boolean> {
  let good = true;
  for (const maker of pairMakers.keys()) {
    for (const way of ways.keys()) good = (await measured(maker, way)) && good;
  }
  return good;
}

async function measured(maker: string, way: string): Promise<boolean> {
  // The code is loaded and the pools are filled by a small one.
  await transfer({ maker, way, bytes: 16 << 20, restAfter: 1 << 20 });
  const before = process.memoryUsage.rss();
  let most = before;
  const timer = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 10);
  const start = performance.now();
  const both = await transfer({ maker, way, bytes, restAfter: 1 << 20 });
  clearInterval(timer);
  const same = both.every(({ sent, received }) => sent === received);
  const above = most - before;
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  const verdict = same && above < allowedBytes ? 'ok' : 'FAILED';
  console.log(
    `${verdict}: ${maker}, ${way}, ${isMainThread ? 'main' : 'worker'}: 2 x ${mebibytes} MiB in ${seconds} s, ` +
      `${same ? 'same' : 'OTHER'} SHA-256, ${(above / 2 ** 20).toFixed(1)} MiB above the start, ` +
      `at most ${both.map(({ mostUnderway }) => (mostUnderway / 2 ** 20).toFixed(1)).join(' and ')} MiB underway`,
  );
  return same && above < allowedBytes;
}

const good = await run();
if (parentPort === null) {
  const worker = new Worker(new URL(import.meta.url), { argv: [mebibytes] });
  const inWorker = new Promise<boolean>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  process.exitCode = good && (await inWorker) ? 0 : 1;
} else {
  parentPort.postMessage(good);
}
