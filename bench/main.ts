// `npm run bench`: every case, ours beside its peers. `npm run bench -- NAME…`: some. --quick: fewer rounds, to see
// that it runs. --save writes JSON and SVG to bench/results.
import { mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { accept } from './cases/accept.ts';
import { ctl } from './cases/ctl.ts';
import { dispatch } from './cases/dispatch.ts';
import { echo } from './cases/echo.ts';
import { fairnessFigures, memoryFigures } from './cases/figures.ts';
import { idle } from './cases/idle.ts';
import { importFigures, start } from './cases/start.ts';
import { stream } from './cases/stream.ts';
import { timer } from './cases/timer.ts';
import { wake } from './cases/wake.ts';
import { machine } from './suite/machine.ts';
import { measure, type Result, type Variant } from './suite/measure.ts';
import { pinned } from './suite/peers.ts';
import { plot } from './suite/plot.ts';
import { type CaseReport, type Figure, figureText, machineText, resultText } from './suite/report.ts';

interface Case {
  readonly variants: () => readonly Variant[];
  readonly figures?: () => readonly Figure[];
}

const options = { quick: { type: 'boolean', default: false }, save: { type: 'boolean', default: false } } as const;
const { values, positionals } = parseArgs({ options, allowPositionals: true });
const effort = values.quick ? { sliceMs: 5, warmUpMs: 40, rounds: 3 } : { sliceMs: 15, warmUpMs: 300, rounds: 15 };
const nothing = (): readonly Variant[] => [];
const cases: Readonly<Record<string, Case>> = {
  dispatch: { variants: dispatch, figures: fairnessFigures },
  ctl: { variants: ctl },
  wake: { variants: wake },
  echo: { variants: echo },
  accept: { variants: accept },
  stream: { variants: stream },
  timer: { variants: timer },
  idle: { variants: idle, figures: memoryFigures },
  start: { variants: start, figures: importFigures },
};

const unknown = positionals.find((name) => cases[name] === undefined);
if (unknown === undefined) {
  for (const name of positionals.length > 0 ? positionals : Object.keys(cases)) await runCase(name);
} else {
  console.error(`Cannot run '${unknown}' as the cases are: ${Object.keys(cases).join(', ')}`);
  process.exitCode = 2;
}

async function runCase(name: string): Promise<void> {
  const { variants, figures = () => [] } = cases[name] ?? { variants: nothing };
  const where = machine(pinned);
  console.log(`\n== ${name}: ${machineText(where)}`);
  const results: Result[] = [];
  for (const variant of variants()) {
    const result = await measure(variant, values.quick ? effort : { ...effort, ...variant.effort }, tell);
    tell('');
    console.log(resultText(result));
    results.push(result);
  }
  const report: CaseReport = { name, machine: where, results, figures: figures() };
  for (const figure of report.figures) console.log(figureText(figure));
  if (!values.save) return;
  mkdirSync('bench/results', { recursive: true });
  writeFileSync(`bench/results/${name}.json`, `${JSON.stringify(report, null, 2)}\n`);
  if (results.length > 0) writeFileSync(`bench/results/${name}.svg`, plot(report));
}

// One line that is written over; nothing where nobody looks.
function tell(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
}
