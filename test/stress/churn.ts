import { setTimeout } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type ByteStream, serve, TcpListener } from 'epoll-ts/net';
import { openDescriptors } from '../support/openDescriptors.ts';
import { outsideClient } from './outsideClient.ts';
import type { StressReport } from './stressReport.ts';

/** How many connections are open at once, and how often all are opened and closed. */
export interface ChurnSize {
  readonly connections: number;
  readonly rounds: number;
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
// One object of 50 bytes that stays for each of 100,000 connections would be more.
const growthLimit = 4 << 20;

/**
 * An outside client opens and closes connections to an echo server of `serve`: every byte comes back, and nothing stays
 * behind.
 */
export async function churn({ connections, rounds }: ChurnSize): Promise<StressReport> {
  const faults: string[] = [];
  const heap: number[] = [];
  const before = openDescriptors();
  const listener = new TcpListener({ address: '127.0.0.1' });
  const stop = new AbortController();
  const errors: unknown[] = [];
  let active = 0;
  const server = serve({
    listener,
    signal: stop.signal,
    async onConnection(stream) {
      active++;
      await echo(stream).finally(() => active--);
    },
    onError: (error) => {
      if (!['ECONNRESET', 'EPIPE'].includes((error as NodeJS.ErrnoException).code ?? '')) errors.push(error);
    },
  });
  const { port } = listener.localAddress;
  // The first round is not measured: it makes all that is made once.
  let [opened, echoedBytes] = [0, 0];
  const options = { port, connections, rounds: rounds + 1, seed: 1 };
  for await (const report of outsideClient('churn', options)) {
    opened += Number(report['opened']);
    echoedBytes += Number(report['echoedBytes']);
    faults.push(...(report['wrong'] as string[]));
    // The server has heard of the last reset too.
    while (active > 0) await setTimeout(5);
    collect();
    heap.push(process.memoryUsage().heapUsed);
  }
  stop.abort();
  const counts = await server.finished;
  collect();
  const growth = (heap.at(-1) ?? 0) - (heap[0] ?? 0);
  if (growth > growthLimit) faults.push(`the heap grew by ${growth} bytes: ${heap.join(', ')}`);
  if (counts.accepted !== opened) faults.push(`${opened} were opened, ${counts.accepted} accepted`);
  if (counts.finished + counts.broken !== counts.accepted) faults.push(`not all ended by themselves`);
  for (const error of errors) faults.push(String(error));
  const left = openDescriptors().filter((each) => /socket/.test(each) && !before.includes(each));
  if (left.length > 0) faults.push(`left open: ${left.join(', ')}`);
  return { counts: { opened, echoedBytes, ...counts, heapGrowth: growth }, faults };
}

async function echo(stream: ByteStream): Promise<void> {
  const into = new Uint8Array(4096);
  for (let count; (count = await stream.read(into)) > 0;) await stream.write(into.subarray(0, count));
}
