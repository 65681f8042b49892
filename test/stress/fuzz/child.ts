// One process of the fuzzer: started by main.ts, with --expose-gc.
import { mkdirSync, openSync } from 'node:fs';
import { chdir } from 'node:process';
import { setImmediate } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { openDescriptors } from '../../support/openDescriptors.ts';
import { readDeclarations } from './declarations.ts';
import { Safeguard } from './safeguard.ts';
import { Fuzzer } from './fuzzer.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    calls: { type: 'string', default: '1000' },
    pid: { type: 'string', default: '0' },
    folder: { type: 'string', default: '.' },
    trace: { type: 'boolean', default: false },
  },
});

const batch = 200;
const batchesPerGc = 25;

async function main(): Promise<void> {
  const { gc } = globalThis;
  if (gc === undefined) throw new Error('Cannot fuzz as Node must be started with --expose-gc');
  const declarations = readDeclarations();
  chdir(values.folder);
  mkdirSync('dir');
  const journal = openSync('journal', 'w');
  const filler = openSync('/dev/null', 'r');
  const safeguard = new Safeguard();
  await setImmediate();
  const before = openDescriptors();
  const foreign = before.map((line) => Number.parseInt(line, 10));
  const fuzzer = new Fuzzer(
    { seed: Number(values.seed), pid: Number(values.pid), declarations, foreign, journal, filler, trace: values.trace },
    safeguard,
  );
  process.on('uncaughtException', (error) => fuzzer.judge('an uncaught exception', error));
  process.on('unhandledRejection', (error) => fuzzer.judge('an unhandled rejection', error));
  for (let batches = 1; fuzzer.calls < Number(values.calls); batches++) {
    for (let call = 0; call < batch; call++) fuzzer.step();
    fuzzer.tidy();
    await setImmediate();
    if (batches % batchesPerGc === 0) await gc({ execution: 'async' });
  }
  fuzzer.finish();
  // What a constructor that threw left behind is closed by the garbage collector.
  for (let round = 0; round < 5; round++) {
    await gc({ execution: 'async' });
    await setImmediate();
    await setImmediate();
  }
  fuzzer.closeGiven();
  const left = openDescriptors().filter((line) => !before.includes(line));
  if (left.length > 0) fuzzer.problems.push(`descriptors are left open: ${left.join(', ')}`);
  const result = { calls: fuzzer.calls, tally: Object.fromEntries(fuzzer.tally), problems: fuzzer.problems };
  process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
}

try {
  await main();
} catch (error) {
  // The handlers above would take it for one that a call threw.
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
}
