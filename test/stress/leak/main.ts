// Leaks: `npm run stress:leak -- [--count N] [--only NAME] [--seed-leak fds|heap|entries]`; the last shows that it can
// fail.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { EventFd } from 'epoll-ts';
import { close, dup3, EPOLL_CTL_ADD, epoll_ctl, EPOLLIN, O_CLOEXEC } from 'epoll-ts/sys';
import { openDescriptors } from '../../support/openDescriptors.ts';
import { type LeakPart, leakParts } from './parts.ts';

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '1000000' },
    only: { type: 'string', default: '' },
    part: { type: 'string' },
    'seed-leak': { type: 'string', default: '' },
  },
});

interface Sample {
  readonly fds: number;
  readonly heap: number;
  readonly rss: number;
  readonly info: string;
}

const samples = 10;
const batch = 1_000;
// A leak of one small object each time is 16 MB and more in a million. Below a tenth of that is the noise of V8.
const heapNoise = 1_500_000;
const rssNoise = 12_000_000;

async function sample(descriptor: number): Promise<Sample> {
  const { gc } = globalThis;
  for (let round = 0; round < 3; round++) {
    await gc?.({ execution: 'async' });
    await setImmediate();
  }
  // Without the data, which has a new generation after each change.
  const info =
    descriptor < 0 ? '' : readFileSync(`/proc/self/fdinfo/${descriptor}`, 'utf8').replaceAll(/data: *\w+/g, '');
  const { heapUsed, rss } = process.memoryUsage();
  return { fds: openDescriptors().length, heap: heapUsed, rss, info };
}

const kept: unknown[] = [];

const ghostFile = new EventFd();
let ghosts = 0;

/** An entry of a number that is closed again: nothing but the list grows. */
function leaveGhost(descriptor: number): void {
  const fd = dup3(ghostFile.fd, 1000 + ghosts++, O_CLOEXEC);
  epoll_ctl(descriptor, EPOLL_CTL_ADD, fd, EPOLLIN);
  close(fd);
}

/** A leak on purpose, once in a thousand times. */
function leak(descriptor: number): void {
  if (values['seed-leak'] === 'fds') kept.push(new EventFd());
  if (values['seed-leak'] === 'heap')
    kept.push(
      new Uint8Array(16_384).fill(1),
      Array.from({ length: 4096 }, () => ({})),
    );
  if (values['seed-leak'] === 'entries' && descriptor >= 0) leaveGhost(descriptor);
}

/** In a process of its own. */
async function runPart({ name, share, prepare }: LeakPart): Promise<number> {
  const count = Math.max(batch, Math.round(Number(values.count) * share));
  const { once, close, descriptor } = prepare();
  const run = async (times: number): Promise<void> => {
    for (let done = 0; done < times; done++) {
      once();
      if (done % batch === 0) leak(descriptor);
      // Lets the loop go round: detaching and settling happen there.
      if (done % batch === batch - 1) await setImmediate();
    }
  };
  // Warm: code is compiled, and the heap has its size, which V8 raises by 16 MB and more in the first 100,000 rounds.
  await run(Math.max(count / 10, Math.min(count, 100_000)));
  const first = await sample(descriptor);
  let last = first;
  for (let part = 0; part < samples; part++) {
    await run(Math.round(count / samples));
    last = await sample(descriptor);
  }
  close();
  const problems = [
    last.fds !== first.fds && `${last.fds - first.fds} descriptors more`,
    last.heap - first.heap > heapNoise && 'the heap grew',
    last.rss - first.rss > rssNoise && 'the resident memory grew',
    last.info !== first.info && `fdinfo changed: ${first.info}-> ${last.info}`,
  ].filter((problem) => problem !== false);
  const kb = (bytes: number): string => `${bytes < 0 ? '' : '+'}${Math.round(bytes / 1024)} KiB`;
  const figures = `fds ${first.fds} -> ${last.fds}, heap ${kb(last.heap - first.heap)}, RSS ${kb(last.rss - first.rss)}`;
  process.stdout.write(
    `${problems.length === 0 ? 'ok' : 'not ok'}: ${count} times ${name}: ` +
      `${figures}${problems.length === 0 ? '' : `: ${problems.join(', ')}`}\n`,
  );
  return problems.length === 0 ? 0 : 1;
}

function runAll(): number {
  const parts = leakParts.filter(({ name }) => name.includes(values.only));
  const failed = parts.filter(({ name }) => {
    const args = [
      '--expose-gc',
      '--no-warnings',
      process.argv[1] ?? '',
      '--part',
      name,
      '--count',
      values.count,
      '--seed-leak',
      values['seed-leak'],
    ];
    return spawnSync(process.execPath, args, { stdio: 'inherit' }).status !== 0;
  });
  process.stdout.write(`leak: ${parts.length - failed.length} passed, ${failed.length} failed\n`);
  return failed.length === 0 && parts.length > 0 ? 0 : 1;
}

const part = leakParts.find(({ name }) => name === values.part);
process.exitCode = part === undefined ? runAll() : await runPart(part);
if (part !== undefined) process.exit();
