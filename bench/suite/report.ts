import type { Distribution } from './distribution.ts';
import type { Machine } from './machine.ts';
import type { Measured, Result } from './measure.ts';

/** One case of the run, with where and when it was. */
export interface CaseReport {
  readonly name: string;
  readonly machine: Machine;
  readonly results: readonly Result[];
  readonly figures: readonly Figure[];
}

/** A single figure that is compared with a limit, not with a peer. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** The most that it may be. */
  readonly most?: number;
}

/** A result as lines of text. */
export function resultText(result: Result): string {
  const { name, unit, rounds, contenders, skipped, targets } = result;
  const head = `\n${name} (median of ${rounds} rounds, quarter to three quarters in brackets; ns of CPU per ${unit})`;
  const rows = contenders.map(
    ({ name: who, cpuNs, userNs, systemNs, wallNs, ratio, wallRatio }) =>
      `  ${who.padEnd(16)} ${spread(cpuNs).padEnd(28)} user ${round(userNs).padStart(7)}  system ` +
      `${round(systemNs).padStart(7)}` +
      `  wall ${round(wallNs.median).padStart(8)}  its CPU / ours ${spread(ratio)}  wall ` +
      `${round(wallRatio.median)}${alsoShown(result, { cpuNs, wallNs })}`,
  );
  const verdicts = targets.map(
    ({ peer, least, by, ratio, met }) =>
      `  ${met ? 'reached    ' : 'NOT REACHED'} ${ratio.toFixed(3)} of ` +
      `${peer}${by === 'wall' ? ' by the wall clock' : ''}, ` +
      `wanted ${least.toFixed(3)} or more`,
  );
  return [head, ...rows, ...skipped.map((reason) => `  ${reason}`), ...verdicts].join('\n');
}

function alsoShown({ rate, waitNs }: Result, { cpuNs, wallNs }: Pick<Measured, 'cpuNs' | 'wallNs'>): string {
  const perSecond = (ns: number): string => round(1e9 / (ns * (rate?.operations ?? 1)));
  const rates =
    rate === undefined
      ? ''
      : `  ${perSecond(cpuNs.median)} ${rate.unit} per CPU second, ${perSecond(wallNs.median)} per second`;
  return waitNs === undefined ? rates : `${rates}  late by ${round((wallNs.median - waitNs) / 1000)} µs`;
}

export function figureText({ name, value, unit, most }: Figure): string {
  const verdict =
    most === undefined ? '' : value <= most ? `  reached: at most ${most}` : `  NOT REACHED: at most ${most}`;
  return `  ${name}: ${round(value)} ${unit}${verdict}`;
}

export function machineText(machine: Machine): string {
  return Object.entries(machine)
    .map(([key, value]) => `${key} ${value === '' ? 'not installed' : String(value)}`)
    .join(', ');
}

/** Three digits that count; millions are called M. */
export function round(value: number): string {
  if (value >= 1e6) return `${round(value / 1e6)} M`;
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(3);
}

function spread({ median, low, high }: Distribution): string {
  return `${round(median)} [${round(low)}–${round(high)}]`;
}
