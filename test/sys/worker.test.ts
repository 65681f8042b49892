import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { gettid } from 'epoll-ts/sys';
import type { CtlWorkerData, CtlWorkerReport } from '../support/ctlWorker.ts';

const program = new URL('../support/ctlWorker.js', import.meta.url);

test('two workers use the same calls at the same time, and neither disturbs the other’s memory', async () => {
  const [workers, rounds] = [2, 10_000];
  const gate = new SharedArrayBuffer(4);
  const reports = await Promise.all(
    Array.from({ length: workers }, (_, number) => report({ workers, number, rounds, gate })),
  );
  assert.deepEqual(
    reports.map(({ rounds: done, wrong }) => ({ done, wrong })),
    reports.map(() => ({ done: rounds, wrong: [] })),
  );
  assert.equal(new Set([gettid(), ...reports.map(({ tid }) => tid)]).size, 3, 'three threads, three numbers');
});

test('workers come and go while the main thread works on', async () => {
  for (let round = 0; round < 5; round++) {
    const { wrong } = await report({ workers: 1, number: round, rounds: 10, gate: new SharedArrayBuffer(4) });
    assert.deepEqual(wrong, []);
    assert.equal(gettid(), process.pid);
  }
});

async function report(workerData: CtlWorkerData): Promise<CtlWorkerReport> {
  const worker = new Worker(program, { workerData });
  const exited = once(worker, 'exit');
  const [message] = (await once(worker, 'message')) as [CtlWorkerReport];
  assert.deepEqual(await exited, [0]);
  return message;
}
