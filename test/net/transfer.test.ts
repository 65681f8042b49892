import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pairMakers } from '../support/connectedPair.ts';
import { messageOf, startThread } from '../support/threadScript.ts';
import { type Transfer, type Transferred, transfer, ways } from '../support/transfer.ts';

// 256 MiB, and the memory that it takes: npm run stress:transfer.
const bytes = 12 << 20;
const support = new URL('../support/transfer.js', import.meta.url).href;

function arrived(both: readonly Transferred[]): void {
  assert.equal(both.length, 2);
  for (const { sent, received } of both) assert.equal(received, sent, 'the same SHA-256');
}

for (const maker of pairMakers.keys()) {
  for (const way of ways.keys()) {
    const plan: Transfer = { maker, way, bytes, restAfter: 4 << 20 };

    test(`random bytes go both ways at once through ${way} of a ${maker}`, async () => arrived(await transfer(plan)));

    test(`random bytes go both ways at once through ${way} of a ${maker} in a worker`, async (t) => {
      const worker = startThread(
        `const { transfer } = await import(${JSON.stringify(support)});
         parentPort.postMessage(await transfer(workerData));`,
        plan,
      );
      t.after(() => worker.terminate());
      arrived((await messageOf(worker)) as readonly Transferred[]);
    });

    // tcp_rmem and tcp_wmem let the kernel take some MiB of its own.
    test(`a slow reader holds the sender back through ${way} of a ${maker}`, async () => {
      const both = await transfer({ ...plan, bytes: 40 << 20, restAfter: 256 << 10 });
      arrived(both);
      for (const { mostUnderway } of both) assert.ok(mostUnderway < 20 << 20, `${mostUnderway} bytes were underway`);
    });
  }
}
