import { spawnSync } from 'node:child_process';
import { distribution } from '../suite/distribution.ts';
import type { Figure } from '../suite/report.ts';

/** Heap and RSS of a registration: medians of processes of their own. */
export function memoryFigures(): Figure[] {
  const runs = Array.from({ length: 5 }, () => run('memory', '--expose-gc'));
  return [
    { name: 'heap per registration', value: middle(runs, 'heapBytes'), unit: 'bytes', most: 250 },
    { name: 'RSS per registration', value: middle(runs, 'rssBytes'), unit: 'bytes' },
  ];
}

function middle(runs: readonly Record<string, number>[], key: string): number {
  return distribution(runs.map((figures) => figures[key] ?? Number.NaN)).median;
}

function run(file: string, ...flags: readonly string[]): Record<string, number> {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...flags, `build/bench/ours/${file}.js`], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`Cannot measure as ${file} failed: ${stderr}`);
  return JSON.parse(stdout) as Record<string, number>;
}
