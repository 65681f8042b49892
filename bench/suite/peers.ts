import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import type { Program } from './contender.ts';
import { firstLine } from './machine.ts';

/** Programs of a variant, as far as they can run here, and the reasons for those that can't. */
export interface Field {
  readonly programs: readonly Program[];
  readonly skipped: readonly string[];
}

const core = String(availableParallelism() - 1);
const canPin = firstLine('taskset', ['--version']) !== '';

/** What contenders are bound to. */
export const pinned: string = canPin ? `core ${core} (taskset)` : 'no core: taskset (util-linux) is not installed';

/** A command, bound to the core of the contenders. */
export const pin = (command: readonly string[]): readonly string[] =>
  canPin ? ['taskset', '-c', core, ...command] : command;

/** Ours: a compiled file of this folder. */
export function node(name: string, file: string, ...args: readonly string[]): Field {
  return { programs: [{ name, command: pin([process.execPath, `build/bench/${file}.js`, ...args]) }], skipped: [] };
}

/** The words that bind a load client to another core than the contenders' one. */
export const clientPin: string = canPin && core !== '0' ? 'taskset -c 0 ' : '';

/** A C file of `peers/c`, compiled when it is needed. */
export function c(file: string, ...args: readonly string[]): Field {
  const output = `build/bench/c/${file}`;
  mkdirSync('build/bench/c', { recursive: true });
  const source = `bench/peers/c/${file}.c`;
  const { error, status, stderr } = spawnSync('cc', ['-O2', '-Wall', '-pthread', '-o', output, source], {
    encoding: 'utf8',
  });
  if (error !== undefined) return missing('c', 'there is no cc');
  if (status !== 0) throw new Error(`Cannot compile ${source}: ${stderr}`);
  return { programs: [{ name: 'c', command: pin([output, ...args]) }], skipped: [] };
}

/** A Python file of `peers/python`. */
export function python(file: string, ...args: readonly string[]): Field {
  if (firstLine('python3', ['-c', 'import os; os.eventfd; print("yes")']) !== 'yes') {
    return missing('python', 'there is no python3 of 3.10 or newer');
  }
  return {
    programs: [{ name: 'python', command: pin(['python3', `bench/peers/python/${file}.py`, ...args]) }],
    skipped: [],
  };
}

/** A file of `peers/bun`: plain JavaScript on the compiled suite, where Bun is installed. */
export function bun(file: string, ...args: readonly string[]): Field {
  return runByBun('Bun', `bench/peers/bun/${file}.mjs`, args);
}

/** A compiled file of `peers/node` in Bun, which brings its own node:net. */
export function inBun(file: string, ...args: readonly string[]): Field {
  return runByBun('node:net in Bun', `build/bench/${file}.js`, args);
}

function runByBun(name: string, path: string, args: readonly string[]): Field {
  if (firstLine('bun', ['--version']) === '') return missing(name, 'there is no bun');
  return { programs: [{ name, command: pin(['bun', path, ...args]) }], skipped: [] };
}

/** npm's `epoll`, which is compiled at its installation: only where `npm run bench:peers` has done so. */
export function npmEpoll(file: string, ...args: readonly string[]): Field {
  if (!existsSync('bench/peers/npm/node_modules/epoll/build/Release/epoll.node')) {
    return missing('npm epoll', 'it is not built: npm run bench:peers builds it with node-gyp');
  }
  return node('npm epoll', file, ...args);
}

/** The same programs, each started anew for every operation. */
export function started({ programs, skipped }: Field): Field {
  const start = [process.execPath, 'build/bench/suite/startSlices.js'];
  return { programs: programs.map(({ name, command }) => ({ name, command: [...start, ...command] })), skipped };
}

/** Puts fields together. The first is ours. */
export function together(...fields: readonly Field[]): Field {
  return { programs: fields.flatMap(({ programs }) => programs), skipped: fields.flatMap(({ skipped }) => skipped) };
}

function missing(name: string, reason: string): Field {
  return { programs: [], skipped: [`${name} is skipped: ${reason}`] };
}
