import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';

/** Busy threads, more than there are CPUs, so that some always wait for one. Disposing ends them. */
export function stallCpus(): AsyncDisposable {
  const workers = Array.from({ length: availableParallelism() * 2 }, () => new Worker('for (;;);', { eval: true }));
  return {
    [Symbol.asyncDispose]: async () => void (await Promise.all(workers.map((worker) => worker.terminate()))),
  };
}
