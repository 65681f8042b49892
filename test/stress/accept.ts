import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { TcpListener, TcpStream } from 'epoll-ts/net';
import { reportOf } from './outsideClient.ts';
import type { StressReport } from './stressReport.ts';

/** How many connects are looked at one by one, and how many are made after that. */
export interface AcceptSize {
  readonly watched: number;
  readonly connects: number;
}

/** What a worker is started with. */
export interface AcceptWorkerData {
  readonly fd: number;
  readonly number: number;
  readonly exclusive: boolean;
  readonly memory: Int32Array<SharedArrayBuffer>;
}

/** The shared numbers; from `turns` on there is one for each worker. */
export const AcceptSlot = { mode: 0, wakes: 1, accepted: 2, turns: 8, served: 16, length: 24 } as const;
/** What the workers do: count events and accept nothing; accept what is there and close it; serve; end. */
export const AcceptMode = { watch: 0, clear: 1, serve: 2, end: 3 } as const;

const workers = 4;

/**
 * Four workers wait for one listener, each blocking in a reactor of its own. First one connect at a time, and nobody
 * accepts, so that whoever is woken has its event: they are counted. Then an outside client connects over and over.
 */
export async function accept({ watched, connects }: AcceptSize): Promise<StressReport> {
  const faults: string[] = [];
  const shared = await watch(false, watched, 0);
  const exclusive = await watch(true, watched, connects);
  const most = Math.max(...exclusive.wakes);
  // One that comes between two turns of a worker finds it not waiting, and the next is woken too: that is no herd.
  const typical = exclusive.wakes.toSorted((a, b) => a - b)[Math.floor((watched - 1) / 2)] ?? workers;
  if (shared.wakes.some((count) => count !== workers)) faults.push(`without exclusive: woke ${shared.wakes.join()}`);
  if (!(typical < workers) || exclusive.wakes.includes(0)) faults.push(`exclusive: woke ${exclusive.wakes.join()}`);
  if (exclusive.served !== connects) faults.push(`${exclusive.served} of ${connects} connects were served`);
  faults.push(...exclusive.failed);
  const by = Object.fromEntries(exclusive.by.map((count, index) => [`servedByWorker${index}`, count]));
  const herd = Math.max(...shared.wakes);
  return {
    counts: { connects, served: exclusive.served, mostWoken: most, wokenWithoutExclusive: herd, ...by },
    faults,
  };
}

interface Watched {
  readonly wakes: readonly number[];
  readonly served: number;
  readonly by: readonly number[];
  readonly failed: readonly string[];
}

async function watch(exclusive: boolean, watched: number, connects: number): Promise<Watched> {
  const listener = new TcpListener({ address: '127.0.0.1' });
  const { port } = listener.localAddress;
  const memory = new Int32Array(new SharedArrayBuffer(4 * AcceptSlot.length));
  const threads = Array.from({ length: workers }, (_, number) => {
    const workerData: AcceptWorkerData = { fd: listener.fd, number, exclusive, memory };
    return new Worker(new URL('./acceptWorker.js', import.meta.url), { workerData });
  });
  await Promise.all(threads.map((thread) => once(thread, 'message')));
  const wakes: number[] = [];
  for (let index = 0; index < watched; index++) {
    await turns(memory);
    Atomics.store(memory, AcceptSlot.wakes, 0);
    const client = await TcpStream.connect({ host: '127.0.0.1', port });
    await turns(memory);
    wakes.push(Atomics.load(memory, AcceptSlot.wakes));
    Atomics.store(memory, AcceptSlot.mode, AcceptMode.clear);
    await turns(memory);
    Atomics.store(memory, AcceptSlot.mode, AcceptMode.watch);
    client.close();
  }
  Atomics.store(memory, AcceptSlot.mode, AcceptMode.serve);
  const report = connects === 0 ? {} : await reportOf('knock', { port, connects, parallel: 32 });
  Atomics.store(memory, AcceptSlot.mode, AcceptMode.end);
  await Promise.all(threads.map((thread) => once(thread, 'exit')));
  listener.close();
  const by = Array.from(memory.slice(AcceptSlot.served, AcceptSlot.served + workers));
  return { wakes, served: Number(report['served'] ?? 0), by, failed: (report['failed'] ?? []) as string[] };
}

// When each worker has begun and ended a turn, each event that was due has been delivered.
async function turns(memory: Int32Array): Promise<void> {
  const places = Array.from({ length: workers }, (_, number) => AcceptSlot.turns + number);
  const before = places.map((place) => Atomics.load(memory, place));
  const through = (place: number, index: number): boolean => Atomics.load(memory, place) - (before[index] ?? 0) >= 2;
  while (!places.every(through)) await setTimeout(5);
}
