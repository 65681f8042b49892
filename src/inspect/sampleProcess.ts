import { setTimeout as delay } from 'node:timers/promises';
import { milliseconds } from '../fd/milliseconds.ts';
import { anAbortSignal, anInteger } from '../sys/optionKind.ts';
import { optionsReader } from '../sys/optionsReader.ts';
import { inspectKinds, type InspectOptions, inspectProcess } from './inspectProcess.ts';
import { ProcessTable } from './processTable.ts';
import type { ProcessSnapshot } from './processSnapshot.ts';

/** How often to look. */
export interface SampleOptions extends InspectOptions {
  /** From the first look to the last, in milliseconds. @default 250 */
  readonly forMs?: number;
  /** How many looks, two at least. @default 3 */
  readonly looks?: number;
  /** Ends the wait between looks. */
  readonly signal?: AbortSignal;
}

const readOptions = optionsReader<SampleOptions>('sample', '{ looks: 3 }', {
  ...inspectKinds,
  forMs: milliseconds,
  looks: anInteger(2, 1_000_000),
  signal: anAbortSignal,
});

/**
 * Looks into a process several times: what stays wrong is wrong, what is so at one look may be on its way.
 *
 * Other processes and ghosts are looked for at the first look only. One look is all there is where nothing was ready,
 * disarmed or shared at it: there is nothing then that could stay so.
 *
 * @returns the snapshots, oldest first, for `findings`
 * @throws {SystemError} as `inspectProcess`
 * @throws {RangeError} for fewer than two looks, or a negative time
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { sampleProcess } from 'epoll-ts/inspect';
 *
 * const samples = await sampleProcess(process.pid, { forMs: 20, looks: 2, table: null });
 * assert.ok(samples.every(({ pid }) => pid === process.pid));
 * ```
 */
export async function sampleProcess(pid: number, options?: SampleOptions): Promise<ProcessSnapshot[]> {
  const { forMs = 250, looks = 3, signal, ...look } = readOptions(options);
  const first = inspectProcess(pid, look);
  const samples = [first];
  if (!mayStay(first)) return samples;
  for (let index = 1; index < looks; index++) {
    await delay(forMs / (looks - 1), undefined, signal === undefined ? {} : { signal });
    // A child between fork and exec has every descriptor for a moment: who has one at the end, too?
    const shared = first.instances.some(({ sharedWith }) => (sharedWith ?? []).length > 0);
    const again = shared && index === looks - 1 ? new ProcessTable() : null;
    const next = inspectProcess(pid, { ...look, ghosts: false, table: again, previous: first });
    if (next.startTime !== first.startTime) break;
    samples.push(next);
  }
  return samples;
}

function mayStay({ instances }: ProcessSnapshot): boolean {
  return instances.some(
    ({ entries, sharedWith }) =>
      (sharedWith ?? []).length > 0 || entries.some(({ armed, ready }) => !armed || (ready ?? 0) !== 0),
  );
}
