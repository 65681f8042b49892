// A round trip between two threads. Argument: eventfd|atomics|message.
import { MessageChannel, Worker, workerData } from 'node:worker_threads';
import { once } from 'node:events';
import { EventFd } from 'epoll-ts';
import { eventfd_write } from 'epoll-ts/sys';
import { eventfdWait } from '../suite/eventfdWait.ts';
import { serveSlices } from '../suite/serveSlices.ts';

interface Given {
  readonly mode: string;
  readonly hear: number;
  readonly tell: number;
  readonly cells: Int32Array;
}

const given = workerData as Given | null;

// The cell that tells the worker that it is over.
const over = 2;

function answer({ mode, hear, tell, cells }: Given): void {
  if (mode === 'eventfd') {
    const wait = eventfdWait(hear);
    for (wait(); Atomics.load(cells, over) === 0; wait()) eventfd_write(tell, 1n);
    return;
  }
  for (let turn = 0; ; turn++) {
    Atomics.wait(cells, 0, turn);
    Atomics.add(cells, 1, 1);
    Atomics.notify(cells, 1);
  }
}

async function ask(mode: string): Promise<void> {
  const there = new EventFd();
  const back = new EventFd();
  const cells = new Int32Array(new SharedArrayBuffer(12));
  const data: Given = { mode, hear: there.fd, tell: back.fd, cells };
  if (mode === 'message') return messages();
  const worker = new Worker(new URL(import.meta.url), { workerData: data });
  await once(worker, 'online');
  // A thread that waits inside of C would hold the end of the process up for ever.
  process.on('exit', () => {
    Atomics.store(cells, over, 1);
    there.write();
  });
  const wait = eventfdWait(back.fd);
  let turn = 0;
  await serveSlices((operations) => {
    for (let index = 0; index < operations; index++) {
      if (mode === 'eventfd') {
        eventfd_write(there.fd, 1n);
        wait();
      } else {
        Atomics.add(cells, 0, 1);
        Atomics.notify(cells, 0);
        Atomics.wait(cells, 1, turn++);
      }
    }
    return operations;
  });
}

async function messages(): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  const code = `require('node:worker_threads').workerData.on('message', function (value) { this.postMessage(value) })`;
  const worker = new Worker(code, { eval: true, workerData: port2, transferList: [port2] });
  await once(worker, 'online');
  await serveSlices(
    async (operations) =>
      new Promise((resolve) => {
        let left = operations;
        port1.removeAllListeners('message').on('message', () => {
          if (--left === 0) resolve(operations);
          else port1.postMessage(0);
        });
        port1.postMessage(0);
      }),
  );
}

if (given === null) await ask(process.argv[2] ?? '');
else answer(given);
