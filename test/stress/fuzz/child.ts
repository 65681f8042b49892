// One process of the fuzzer: started by main.ts, with --expose-gc.
import { mkdirSync, openSync } from 'node:fs';
import { chdir } from 'node:process';
import { setImmediate } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { openDescriptors } from '../../support/openDescriptors.ts';
import { readDeclarations } from './declarations.ts';
import { Fuzzer } from './fuzzer.ts';
import { leftOpen } from './leftOpen.ts';
import { keepNamesHere } from './netWorld.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    calls: { type: 'string', default: '1000' },
    pid: { type: 'string', default: '0' },
    folder: { type: 'string', default: '.' },
    workers: { type: 'string', default: '0' },
    trace: { type: 'boolean', default: false },
  },
});

const batch = 200;
const batchesPerGc = 25;
// The deadline of `serve` is 10 s where none was given.
const settleMs = 15_000;

async function main(): Promise<void> {
  const { gc } = globalThis;
  if (gc === undefined) throw new Error('Cannot fuzz as Node must be started with --expose-gc');
  const declarations = readDeclarations();
  keepNamesHere();
  chdir(values.folder);
  mkdirSync('dir');
  const journal = openSync('journal', 'w');
  const filler = openSync('/dev/null', 'r');
  await setImmediate();
  const before = openDescriptors();
  const fuzzer = new Fuzzer({
    seed: Number(values.seed),
    pid: Number(values.pid),
    declarations,
    journal,
    filler,
    workers: Number(values.workers),
    trace: values.trace,
  });
  process.on('uncaughtException', (error) => fuzzer.judge("'error': an uncaught exception", error));
  // Every promise that a call answers with is followed: one that nobody sees is the library's.
  process.on('unhandledRejection', (error) =>
    fuzzer.note('an unhandled rejection', error instanceof Error ? String(error.stack) : String(error)),
  );
  for (let batches = 1; fuzzer.calls < Number(values.calls); batches++) {
    for (let call = 0; call < batch; call++) fuzzer.step();
    fuzzer.tidy();
    await setImmediate();
    if (batches % batchesPerGc === 0) await gc({ execution: 'async' });
  }
  const collect = async (): Promise<void> => {
    await gc({ execution: 'async' });
    await setImmediate();
    await setImmediate();
  };
  await fuzzer.finish(settleMs, collect);
  // What a constructor that threw left behind is closed by the garbage collector.
  for (let round = 0; round < 5; round++) await collect();
  const left = openDescriptors().filter((line) => !before.includes(line));
  if (left.length > 0) fuzzer.problems.push(`descriptors are left open: ${left.map(leftOpen).join(', ')}`);
  const { calls, problems, pending } = fuzzer;
  const tally = Object.fromEntries(
    [...fuzzer.tally].map(([name, row]) => [name, { ...row, fulfilled: fuzzer.fulfilled.get(name) ?? 0 }]),
  );
  const result = { calls, promises: pending.count, tally, problems };
  process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
}

try {
  await main();
} catch (error) {
  // The handlers above would take it for one that a call threw.
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
}
