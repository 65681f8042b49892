import { Worker } from 'node:worker_threads';
import { fileURLToPath } from 'node:url';

// Compiled, this file is build/test/support/threadScript.js; a module that is made of text resolves from here.
const here = fileURLToPath(import.meta.url);

// Who asks for the end may be late: on a busy machine a worker's last message and its end come in one turn of the loop.
const ended = new WeakMap<Worker, number>();

/**
 * Starts a worker that runs the text of a module. It has `workerData` and `parentPort`, all of `epoll-ts` as `epoll`
 * and of `epoll-ts/sys` as `sys`, and the functions of threadWatch.ts as `threads`. It may await.
 */
export function startThread(source: string, workerData?: unknown): Worker {
  const code = `
    const { parentPort, workerData } = require('node:worker_threads');
    (async () => {
      const epoll = await import('epoll-ts');
      const sys = await import('epoll-ts/sys');
      const threads = await import(${JSON.stringify(here.replace('threadScript', 'threadWatch'))});
      ${source}
    })().catch((error) => setImmediate(() => { throw error; }));`;
  // Without the options of this process: --input-type=module would take `require` away.
  const worker = new Worker(code, { eval: true, workerData, execArgv: [] });
  worker.once('exit', (status) => ended.set(worker, status));
  return worker;
}

/** The next message of a worker; its error, or its end without one, as a rejection. */
export function messageOf(worker: Worker): Promise<unknown> {
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`the worker ended with ${code} and without a message`)));
  });
}

/** How a worker of `startThread` ended, or ends: its exit code; an error that is still to come as a rejection. */
export function endOf(worker: Worker): Promise<number> {
  const code = ended.get(worker);
  if (code !== undefined) return Promise.resolve(code);
  return new Promise((resolve, reject) => {
    worker.once('error', reject);
    worker.once('exit', resolve);
  });
}
