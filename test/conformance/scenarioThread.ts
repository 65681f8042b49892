// The body of the worker thread that carries out a scenario's own steps with --in-worker.
import { workerData } from 'node:worker_threads';
import { conduct } from './conduct.ts';
import type { Job } from './outcome.ts';
import { setMask } from './signalMask.ts';

// The main thread blocks every signal, and a thread inherits that.
setMask([]);
await conduct(workerData as Job);
