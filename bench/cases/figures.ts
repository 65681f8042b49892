import { spawnSync } from 'node:child_process';
import { distribution } from '../suite/distribution.ts';
import type { Figure } from '../suite/report.ts';

/** Heap and RSS of a registration: medians of processes of their own. */
export function memoryFigures(): Figure[] {
  const runs = Array.from({ length: 5 }, () => run('memory', ['--expose-gc']));
  return [
    { name: 'heap per registration', value: middle(runs, 'heapBytes'), unit: 'bytes', most: 250 },
    { name: 'RSS per registration', value: middle(runs, 'rssBytes'), unit: 'bytes' },
  ];
}

/** What the host's own timers and sockets wait beside descriptors that are ready all the time. */
export function fairnessFigures(): Figure[] {
  return ['0', '1', '64', '1024'].flatMap((ready) => {
    const runs = Array.from({ length: 5 }, () => run('fairness', [], [ready]));
    const beside = `beside ${ready} ready`;
    return [
      { name: `a timer of 1 ms ${beside}`, value: middle(runs, 'timerUs'), unit: 'µs' },
      { name: `a round trip over node:net ${beside}`, value: middle(runs, 'tripUs'), unit: 'µs' },
      { name: `events in a turn of the loop ${beside}`, value: middle(runs, 'eventsPerTurn'), unit: 'events' },
    ];
  });
}

function middle(runs: readonly Record<string, number>[], key: string): number {
  return distribution(runs.map((figures) => figures[key] ?? Number.NaN)).median;
}

function run(file: string, flags: readonly string[] = [], args: readonly string[] = []): Record<string, number> {
  const command = [...flags, `build/bench/ours/${file}.js`, ...args];
  const { status, stdout, stderr } = spawnSync(process.execPath, command, {
    encoding: 'utf8',
    env: { ...process.env, NODE_NO_WARNINGS: '1' },
  });
  if (status !== 0) throw new Error(`Cannot measure as ${file} failed: ${stderr}`);
  return JSON.parse(stdout) as Record<string, number>;
}
