/** Stall that was measured. */
export interface PressureReport {
  /** Milliseconds in which tasks were stalled, with a fraction: the kernel counts microseconds. */
  readonly stallMs: number;
  /** In how long: milliseconds, the window or a little more, and longer where nothing had been reported for long. */
  readonly withinMs: number;
}

interface Sample {
  readonly atMs: number;
  readonly totalUs: number;
}

// The kernel reports once in a window at most. The program learns of it a little earlier or later than of the last one.
const jitter = 0.9;

/**
 * Tells a true report of a pressure trigger from a false one, by the file's own `total=` at the times of its reports.
 */
export class PressureSamples {
  readonly #stallMs: number;
  readonly #windowMs: number;
  // In order; the first one is the newest that is a window old, or the very first.
  #samples: Sample[];

  constructor(trigger: { readonly stallMs: number; readonly windowMs: number }, first: Sample) {
    this.#stallMs = trigger.stallMs;
    this.#windowMs = trigger.windowMs;
    this.#samples = [first];
  }

  /** @returns the stall since a window ago, or null where it is less than what was asked for */
  add(sample: Sample): PressureReport | null {
    const old = sample.atMs - this.#windowMs * jitter;
    const from = Math.max(
      0,
      this.#samples.findLastIndex(({ atMs }) => atMs <= old),
    );
    const kept = this.#samples.slice(from);
    const base = kept[0] ?? sample;
    this.#samples = [...kept, sample];
    const stallMs = (sample.totalUs - base.totalUs) / 1000;
    return stallMs < this.#stallMs ? null : { stallMs, withinMs: sample.atMs - base.atMs };
  }
}

/**
 * The microseconds of stall that a pressure file counts for a share since the system's or the cgroup's start; null
 * where it has no such line.
 */
export function pressureTotal(file: string, share: string): number | null {
  const total = new RegExp(`^${share} .*\\btotal=(\\d+)`, 'm').exec(file)?.[1];
  return total === undefined ? null : Number(total);
}
