import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, release } from 'node:os';

/** Where figures come from. */
export interface Machine {
  readonly cpu: string;
  readonly cpus: number;
  readonly kernel: string;
  readonly node: string;
  readonly koffi: string;
  readonly cc: string;
  readonly python: string;
  readonly bun: string;
  readonly date: string;
  readonly pinned: string;
  readonly loadAverage: string;
}

export function machine(pinned: string): Machine {
  const koffi = JSON.parse(readFileSync('node_modules/koffi/package.json', 'utf8')) as { version: string };
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cpus: cpus().length,
    kernel: release(),
    node: process.versions.node,
    koffi: koffi.version,
    cc: firstLine('cc', ['--version']),
    python: firstLine('python3', ['--version']),
    bun: firstLine('bun', ['--version']),
    date: new Date().toISOString().slice(0, 10),
    pinned,
    loadAverage: readFileSync('/proc/loadavg', 'utf8').split(' ').slice(0, 3).join(' '),
  };
}

/** The first line that a program prints; empty where it is not installed. */
export function firstLine(program: string, args: readonly string[]): string {
  const { status, stdout } = spawnSync(program, args, { encoding: 'utf8' });
  return status === 0 ? (stdout.split('\n')[0] ?? '') : '';
}
