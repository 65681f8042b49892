// A program whose system calls fail: started by traced.ts. Arguments: the gate's file, the thread that does it, 'calls'
// or 'program', and what to run.
import { setImmediate } from 'node:timers/promises';
import { once } from 'node:events';
import { writeSync } from 'node:fs';
import { isMainThread, Worker } from 'node:worker_threads';
import * as sys from 'epoll-ts/sys';
import { callCases } from '../../support/callCases.ts';
import { openDescriptors } from '../../support/openDescriptors.ts';
import { faultPrograms } from './faultPrograms.ts';
import { netPrograms } from './net/netPrograms.ts';

/** What a faulted program reports. */
export interface FaultReport {
  /** The error that came out, or null. */
  readonly threw: { readonly name: string; readonly code: unknown; readonly syscall: unknown } | null;
  /** What was returned, as text. */
  readonly returned: string;
  /** Why the same does not work afterwards, '' when it does. */
  readonly again: string;
  /** Descriptors that were not open before. */
  readonly leaked: readonly string[];
}

const [, , gate = '', thread = '', kind = '', ...what] = process.argv;
const shared = new SharedArrayBuffer(65_536);
// [0] the gate is open, [1] the report's length
const flags = new Int32Array(shared, 0, 2);
const text = new Uint8Array(shared, 8);

const helper = `
  const { workerData: { shared, gate } } = require('node:worker_threads');
  const { existsSync, writeSync } = require('node:fs');
  const flags = new Int32Array(shared, 0, 2);
  const pause = new Int32Array(new SharedArrayBuffer(4));
  while (!existsSync(gate)) Atomics.wait(pause, 0, 0, 2);
  Atomics.store(flags, 0, 1);
  Atomics.notify(flags, 0);
  Atomics.wait(flags, 1, 0);
  writeSync(1, Buffer.from(new Uint8Array(shared, 8, Atomics.load(flags, 1))).toString() + '\\n');
  process.kill(process.pid, 'SIGKILL');`;

/** The answers of functions of sys with good arguments. */
function answers(names: readonly string[]): Record<string, unknown> {
  const functions = sys as unknown as Record<string, (...args: unknown[]) => unknown>;
  return Object.fromEntries(names.map((name) => [name, functions[name]?.(...(callCases.get(name)?.good ?? []))]));
}

async function runProgram(name: string): Promise<FaultReport> {
  const make = faultPrograms.get(name) ?? netPrograms.get(name);
  if (make === undefined) throw new Error(`There is no program '${name}'`);
  await started();
  const before = openDescriptors();
  const program = await make();
  await setImmediate();
  open(program.thread);
  let threw: FaultReport['threw'] = null;
  let returned = '';
  try {
    returned = String(await program.act());
  } catch (error) {
    threw =
      error instanceof Error
        ? { name: error.name, code: codeOf(error), syscall: Reflect.get(error, 'syscall') }
        : { name: typeof error, code: '', syscall: '' };
  }
  let again = '';
  try {
    await program.again?.();
  } catch (error) {
    again = error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
  program.close();
  for (let turn = 0; turn < 4; turn++) await setImmediate();
  return { threw, returned, again, leaked: openDescriptors().filter((line) => !before.includes(line)) };
}

function codeOf(error: Error): unknown {
  return Reflect.get(error, 'code');
}

async function started(): Promise<void> {
  const worker = new Worker(helper, { eval: true, workerData: { shared, gate } });
  await once(worker, 'online');
  // Binds every foreign function: the dynamic linker reads files for that.
  sys.gettid();
}

function open(traced = sys.gettid()): void {
  writeSync(1, `ready ${traced}\n`);
  Atomics.wait(flags, 0, 0);
}

async function reported(): Promise<unknown> {
  if (kind === 'program') return runProgram(what.join(' '));
  await started();
  open();
  return answers(what);
}

async function main(): Promise<void> {
  const report = Buffer.from(
    JSON.stringify(await reported(), (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value)),
  );
  text.set(report);
  Atomics.store(flags, 1, report.length);
  Atomics.notify(flags, 1);
  Atomics.wait(flags, 1, report.length);
}

// It takes bits away, so that the `mode` of a UnixListener is set in two steps. A worker can't set it.
if (isMainThread) process.umask(0o077);
// Its error ends the process, and the report kills it.
if (thread === 'worker' && isMainThread) new Worker(import.meta.filename, { argv: process.argv.slice(2) });
else await main();
