import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { StressReport } from './stressReport.ts';

/** How many clients come at once, to how many descriptors, and how long the server is looked at while it is full. */
export interface FloodSize {
  readonly clients: number;
  readonly limit: number;
  readonly windowMs: number;
}

const mostCpu = 0.2;

/** Why `flood` can't run here, if it can't. */
export function missingPrlimit(): string | undefined {
  const { error, status } = spawnSync('prlimit', ['--version'], { stdio: 'ignore' });
  return error === undefined && status === 0 ? undefined : 'prlimit (util-linux) is not in PATH';
}

/**
 * A server that may open 64 files is flooded: it serves those that it has, idles while it is full, and takes the others
 * as these leave.
 */
export async function flood({ clients, limit, windowMs }: FloodSize): Promise<StressReport> {
  const faults: string[] = [];
  const { NODE_TEST_CONTEXT: _context, NODE_OPTIONS: _options, ...env } = process.env;
  const server = spawn(process.execPath, [join(import.meta.dirname, 'floodServer.js')], {
    env,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exited = once(server, 'exit');
  const lines = createInterface(server.stdout)[Symbol.asyncIterator]();
  const ask = async (question: string): Promise<Record<string, number>> => {
    server.stdin.write(`${question}\n`);
    const line = await lines.next();
    if (line.done === true) throw new Error('The flooded server has ended');
    return JSON.parse(line.value) as Record<string, number>;
  };
  try {
    const { port = 0 } = await ask('port');
    // Now, not before: Node's loader opens more files than that at once.
    execFileSync('prlimit', ['--pid', String(server.pid), `--nofile=${limit}:${limit}`]);
    const all = await Promise.all(Array.from({ length: clients }, () => open(port)));
    // Full: the server has taken all that it can.
    let full = 0;
    for (let taken = -1; taken !== full; taken = full, full = (await ask('settle'))['accepted'] ?? 0);
    const served: Client[] = [];
    for (const client of all) if (client.received > 0) served.push(client);
    const { cpu = 1 } = await ask(`window ${windowMs}`);
    if (!(cpu < mostCpu)) faults.push(`it used ${Math.round(cpu * 100)} % of a core while full`);
    if (full === 0 || full >= limit) faults.push(`with a limit of ${limit} files it holds ${full} connections`);
    // It goes on serving those that it has.
    const some = served.slice(0, 10);
    if (some.length === 0) faults.push('it serves nobody while it is full');
    for (const client of some) await client.ping();
    // They leave, and the next ones come in: until each has been served.
    let recovered = 0;
    for (const client of all) {
      await client.answered;
      await client.ping();
      recovered++;
      client.socket.destroy();
    }
    const late = await open(port);
    await late.answered;
    late.socket.destroy();
    const counts = await ask('end');
    const [code] = (await exited) as [number | null];
    if (code !== 0) faults.push(`the server ended with ${code}`);
    if (counts['accepted'] !== clients + 1) faults.push(`${clients + 1} came, ${counts['accepted']} were accepted`);
    const percent = Math.round(cpu * 1000) / 10;
    return { counts: { clients, limit, heldWhileFull: full, cpuPercent: percent, recovered, ...counts }, faults };
  } finally {
    server.kill('SIGKILL');
  }
}

interface Client {
  readonly socket: Socket;
  /** The echo of its first word has come. */
  readonly answered: Promise<unknown>;
  readonly received: number;
  ping(): Promise<void>;
}

async function open(port: number): Promise<Client> {
  const socket = connect(port, '127.0.0.1');
  const answered = once(socket, 'data');
  await once(socket, 'connect');
  socket.write('hello');
  return {
    socket,
    answered,
    get received() {
      return socket.bytesRead;
    },
    async ping() {
      const before = socket.bytesRead;
      socket.write('ping');
      while (socket.bytesRead < before + 4) await once(socket, 'data');
    },
  };
}
