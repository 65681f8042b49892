import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { StreamSet, TcpListener } from 'epoll-ts/net';
import { reportOf } from './outsideClient.ts';
import type { StressReport } from './stressReport.ts';

/** How many connections the workers share, and how many messages come over all of them together. */
export interface SharedSize {
  readonly connections: number;
  readonly messages: number;
}

/** What a worker is started with. */
export interface SharedWorkerData {
  readonly fd: number;
  readonly number: number;
  /** For each connection 0, or 1 + the number of the worker that is inside it. */
  readonly inside: Int32Array<SharedArrayBuffer>;
  /** How often two were inside one, how many bytes were echoed, and from 4 on the events of each worker. */
  readonly totals: Int32Array<SharedArrayBuffer>;
}

const workers = 4;

/**
 * Four workers share the connections of an outside client with one-shot entries: never two in one, and no message is
 * lost.
 */
export async function shared({ connections, messages }: SharedSize): Promise<StressReport> {
  const faults: string[] = [];
  const listener = new TcpListener({ address: '127.0.0.1' });
  const set = new StreamSet();
  const inside = new Int32Array(new SharedArrayBuffer(4 * connections));
  const totals = new Int32Array(new SharedArrayBuffer(4 * (4 + workers)));
  const threads = Array.from({ length: workers }, (_, number) => {
    const workerData: SharedWorkerData = { fd: set.fd, number, inside, totals };
    return new Worker(new URL('./sharedWorker.js', import.meta.url), { workerData });
  });
  await Promise.all(threads.map((thread) => once(thread, 'message')));
  const client = reportOf('talk', { port: listener.localAddress.port, connections, messages });
  for (let tag = 0; tag < connections; tag++) set.add(await listener.accept(), { tag });
  const { sent, echoed, failed } = await client;
  set.stop();
  await Promise.all(threads.map((thread) => once(thread, 'exit')));
  const [overlaps = 0, bytes = 0] = totals;
  const left = set.size;
  if (overlaps !== 0) faults.push(`two workers were inside one connection ${overlaps} times`);
  if (sent !== messages || echoed !== messages || bytes !== messages * 16) {
    faults.push(`${messages} messages, ${Number(sent)} sent, ${Number(echoed)} came back, ${bytes} bytes were echoed`);
  }
  if (left !== 0) faults.push(`${left} connections are still in the set`);
  faults.push(...(failed as string[]));
  set.close();
  listener.close();
  const by = Object.fromEntries(Array.from(totals.slice(4), (count, index) => [`eventsOfWorker${index}`, count]));
  return { counts: { connections, sent: Number(sent), echoed: Number(echoed), overlaps, ...by }, faults };
}
