import { spawnSync } from 'node:child_process';
import { distribution } from '../suite/distribution.ts';
import type { Variant } from '../suite/measure.ts';
import { c, node, npmEpoll, pin, python, started, together } from '../suite/peers.ts';
import type { Figure } from '../suite/report.ts';

/** What a process needs from its start to its first event. */
export function start(): Variant[] {
  return [
    {
      name: 'start and first event',
      unit: 'process',
      first: 1,
      ...started(
        together(
          node('ours', 'ours/start'),
          c('start'),
          python('start'),
          node('node alone', 'peers/node/bareStart'),
          node('node:net', 'peers/node/netStart'),
          npmEpoll('peers/node/npmEpollStart'),
        ),
      ),
    },
  ];
}

const entries = ['epoll-ts', 'epoll-ts/sys', 'epoll-ts/net', 'epoll-ts/inspect'];
const starts = 31;

/** What `await import(…)` takes in a process that has imported nothing: medians, the entries in turn. */
export function importFigures(): Figure[] {
  const rounds = Array.from({ length: starts }, () => entries.map(importCost));
  return entries.flatMap((name, index): Figure[] => {
    const middle = (key: keyof Cost): number =>
      distribution(rounds.map((costs) => costs[index]?.[key] ?? Number.NaN)).median;
    const most = name === 'epoll-ts' ? { most: 40 } : {};
    return [
      { name: `import of ${name}`, value: middle('wallMs'), unit: 'ms', ...most },
      { name: `import of ${name}, CPU time`, value: middle('cpuMs'), unit: 'ms' },
    ];
  });
}

interface Cost {
  readonly wallMs: number;
  readonly cpuMs: number;
}

function importCost(specifier: string): Cost {
  const [program = '', ...args] = pin([process.execPath, 'build/bench/ours/import.js', specifier]);
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`Cannot measure the import of ${specifier}: ${stderr}`);
  return JSON.parse(stdout) as Cost;
}
