// A round trip between two threads. Argument: eventfd|atomics|message.
import { MessageChannel, Worker, workerData } from 'node:worker_threads';
import { once } from 'node:events';
import { EventFd } from 'epoll-ts';
import {
  EPOLL_CLOEXEC,
  EPOLL_CTL_ADD,
  epoll_create1,
  epoll_ctl,
  epoll_wait,
  EpollEventBuffer,
  EPOLLET,
  EPOLLIN,
  eventfd_write,
} from 'epoll-ts/sys';
import { serveSlices } from '../suite/serveSlices.ts';

interface Given {
  readonly mode: string;
  readonly hear: number;
  readonly tell: number;
  readonly cells: Int32Array;
}

const given = workerData as Given | null;

/** Waits for a counter, edge-triggered: it need not be read. */
function waiter(fd: number): () => void {
  const epfd = epoll_create1(EPOLL_CLOEXEC);
  const buffer = new EpollEventBuffer(1);
  epoll_ctl(epfd, EPOLL_CTL_ADD, fd, EPOLLIN | EPOLLET);
  return () => {
    while (epoll_wait(epfd, buffer, 1, 1_000) < 1);
  };
}

function answer({ mode, hear, tell, cells }: Given): void {
  if (mode === 'eventfd') {
    const wait = waiter(hear);
    for (;;) {
      wait();
      eventfd_write(tell, 1n);
    }
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
  const cells = new Int32Array(new SharedArrayBuffer(8));
  const data: Given = { mode, hear: there.fd, tell: back.fd, cells };
  if (mode === 'message') return messages();
  const worker = new Worker(new URL(import.meta.url), { workerData: data });
  await once(worker, 'online');
  const wait = waiter(back.fd);
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
