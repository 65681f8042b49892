// The program of a child process: one entry, told on standard input.
import { readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { foreign } from '#epoll/sys/ffi/foreign.js';
import { conduct } from './conduct.ts';
import type { Job } from './outcome.ts';
import { blockAllSignals } from './signalMask.ts';

const prctl = foreign('prctl', ['int', 'ulong']);
const setParentDeathSignal = 1;
const sigkill = 9;

// This process leads its own group, so whoever ends the runner by its group would not end it.
prctl(setParentDeathSignal, sigkill);
const job = JSON.parse(readFileSync(0, 'utf8')) as Job;
if (job.inWorker) {
  // Signals to the process are for the scenario's thread, not for this one, which only waits.
  blockAllSignals();
  new Worker(new URL('./scenarioThread.js', import.meta.url), { workerData: job });
} else {
  await conduct(job);
}
