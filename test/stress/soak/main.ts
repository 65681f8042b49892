// Everything at once, for a long time: `npm run stress:soak -- [--minutes N]`.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Inotify, PidFd, Reactor, TimerFd } from 'epoll-ts';
import { IN_CLOSE_WRITE } from 'epoll-ts/sys';
import { until } from '../../support/loopTurns.ts';
import { openDescriptors } from '../../support/openDescriptors.ts';
import { Link, type LinkTotals } from './link.ts';

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '1' }, threads: { type: 'string', default: '2' } },
});
const tickNs = 5_000_000n;

const totals: LinkTotals = { sent: 0, delivered: 0, inDoubt: 0, deaths: 0, problems: [] };
const processes = { sent: 0, delivered: 0 };
const files = { sent: 0, delivered: 0 };

/** Threads one after another in this lane: each sends until it dies or is ended. */
async function runThreads(reactor: Reactor, end: number): Promise<void> {
  while (Date.now() < end) {
    const link = new Link(reactor);
    await link.started();
    await Promise.race([setTimeout(50 + Math.random() * 400), link.died()]);
    await link.finish(totals);
  }
}

async function runProcesses(reactor: Reactor, end: number): Promise<void> {
  while (Date.now() < end) {
    const child = spawn('sleep', ['0.02'], { stdio: 'ignore' });
    if (child.pid === undefined) throw new Error('sleep does not start');
    const watched = new PidFd(child.pid);
    processes.sent++;
    await reactor.register(watched, { readable: true }).readable();
    processes.delivered++;
    watched.close();
    await setTimeout(20);
  }
}

async function runFiles(reactor: Reactor, folder: string, end: number): Promise<void> {
  const inotify = new Inotify();
  inotify.watch(folder, IN_CLOSE_WRITE);
  reactor.register(inotify, { readable: true, trigger: 'edge' }, () => {
    for (let events = inotify.read(); events !== null; events = inotify.read()) files.delivered += events.length;
  });
  while (Date.now() < end) {
    // Other names: two equal events in a row are one to inotify.
    for (let index = 0; index < 20; index++) writeFileSync(path.join(folder, `f${files.sent++ % 1000}`), '');
    await setTimeout(5);
  }
  await until('the events of the last files', () => files.delivered === files.sent);
  inotify.close();
}

async function main(): Promise<number> {
  const end = Date.now() + Number(values.minutes) * 60_000;
  const folder = mkdtempSync(path.join(tmpdir(), 'epoll-ts-soak-'));
  const reactor = new Reactor();
  const timer = new TimerFd();
  let ticks = 0n;
  reactor.register(timer, { readable: true }, () => void (ticks += timer.read() ?? 0n)).unref();
  timer.set({ everyNs: tickNs });
  const start = process.hrtime.bigint();
  // The first thread makes Node open what it keeps for threads.
  await runThreads(reactor, Date.now() + 1);
  const before = openDescriptors().length;
  try {
    const lanes = Array.from({ length: Number(values.threads) }, () => runThreads(reactor, end));
    await Promise.all([...lanes, runProcesses(reactor, end), runFiles(reactor, folder, end)]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  // What the kernel has counted since the last turn of the loop.
  ticks += timer.read() ?? 0n;
  const due = (process.hrtime.bigint() - start) / tickNs;
  const problems = [
    ...totals.problems,
    totals.sent !== totals.delivered && 'messages are missing',
    processes.sent !== processes.delivered && 'ends of processes are missing',
    files.sent !== files.delivered && 'events of files are missing',
    ticks < due - 2n && `${due - ticks} of ${due} ticks are missing`,
    openDescriptors().length > before && `${openDescriptors().length - before} descriptors are left open`,
    reactor.snapshot().ghosts.length > 0 && 'ghosts are left',
  ].filter((problem) => problem !== false);
  reactor.close();
  timer.close();
  for (const problem of problems) process.stdout.write(`not ok: ${problem}\n`);
  process.stdout.write(
    `soak: ${values.minutes} minutes, ${totals.deaths} threads died; ` +
      `messages sent ${totals.sent}, delivered ${totals.delivered} ` +
      `(${totals.inDoubt} of them sent in the moment of a death); ` +
      `processes ${processes.sent}, ${processes.delivered}; ` +
      `files ${files.sent}, ${files.delivered}; ${ticks} ticks; ${problems.length} problems\n`,
  );
  return problems.length === 0 && totals.delivered > 0 ? 0 : 1;
}

process.exitCode = await main();
