import { Worker } from 'node:worker_threads';
import { messageOf } from '../support/threadScript.ts';
import { accept } from './accept.ts';
import { churn } from './churn.ts';
import { flood } from './flood.ts';
import { shared } from './shared.ts';
import type { StressReport } from './stressReport.ts';

/** The sizes of each run: `full` is what the project promises, `small` is for the tests. */
export const stressSizes = {
  churn: { full: { connections: 5000, rounds: 20 }, small: { connections: 150, rounds: 3 } },
  accept: { full: { watched: 50, connects: 10_000 }, small: { watched: 3, connects: 200 } },
  shared: { full: { connections: 50, messages: 100_000 }, small: { connections: 8, messages: 2400 } },
  flood: {
    full: { clients: 500, limit: 64, windowMs: 5000 },
    small: { clients: 120, limit: 64, windowMs: 1000 },
  },
} as const;

export type StressName = keyof typeof stressSizes;
export type StressSize = 'full' | 'small';

/** Runs one stress test, in this thread or in a worker. */
export async function runStress(name: StressName, size: StressSize, where: 'main' | 'worker'): Promise<StressReport> {
  if (where === 'worker') {
    const worker = new Worker(new URL('./stressThread.js', import.meta.url), { workerData: { name, size } });
    return (await messageOf(worker)) as StressReport;
  }
  if (name === 'churn') return churn(stressSizes.churn[size]);
  if (name === 'accept') return accept(stressSizes.accept[size]);
  if (name === 'shared') return shared(stressSizes.shared[size]);
  return flood(stressSizes.flood[size]);
}
