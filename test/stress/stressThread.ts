// A worker that runs a stress test, as the main thread would.
import { parentPort, workerData } from 'node:worker_threads';
import { runStress, type StressName, type StressSize } from './runStress.ts';

const { name, size } = workerData as { readonly name: StressName; readonly size: StressSize };
parentPort?.postMessage(await runStress(name, size, 'main'));
