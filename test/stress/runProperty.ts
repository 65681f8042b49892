import { parseArgs } from 'node:util';
import { release } from 'node:os';
import fc from 'fast-check';

// Small enough to show progress, and for the memory that fast-check keeps of each run.
const batch = 2_000;

/** A property to be run for long. */
export interface LongProperty<Ts> {
  /** What one run is: `sequences`. */
  readonly unit: string;
  readonly property: fc.IRawProperty<Ts>;
  /** What the runs came through so far. */
  readonly coverage: { toString(): string };
}

/**
 * Runs a property as the command line asks, `--runs N [--seed N] [--as-found]`, and prints how far it is. Ends at the
 * first failure, which is made smaller first but for `--as-found`: a smaller program can hang with the same defect.
 *
 * @returns the exit status: 1 for a failure, which is printed with its seed and its shrunk counterexample; 2 for wrong
 *   usage
 */
export async function runProperty<Ts>({ unit, property, coverage }: LongProperty<Ts>): Promise<0 | 1 | 2> {
  const { values } = parseArgs({
    options: {
      runs: { type: 'string', default: '200000' },
      seed: { type: 'string', default: String(Date.now() | 0) },
      'as-found': { type: 'boolean', default: false },
    },
  });
  const [runs, seed] = [Number(values.runs), Number(values.seed)];
  if (!Number.isInteger(runs) || runs < 1 || !Number.isInteger(seed)) {
    console.error(`Cannot run as --runs must be 1 or more and --seed an integer: '${values.runs}', '${values.seed}'`);
    return 2;
  }
  console.log(`${runs} ${unit} with --seed ${seed}, Node ${process.versions.node} ${process.arch}, Linux ${release()}`);
  const start = performance.now();
  for (let done = 0; done < runs;) {
    const count = Math.min(batch, runs - done);
    // Each batch has a seed of its own, from which it can be run again alone.
    const details = await fc.check(property, { numRuns: count, seed: seed + done, endOnFailure: values['as-found'] });
    if (details.failed) {
      console.log(fc.defaultReportMessage(details));
      console.log(details.errorInstance);
      console.log(`failed after ${done + details.numRuns} ${unit}; again: --seed ${seed + done} --runs ${count}`);
      return 1;
    }
    done += count;
    console.log(`${done} ${unit}, ${Math.round((performance.now() - start) / 1000)} s: ${coverage.toString()}`);
  }
  console.log(`passed: ${runs} ${unit}`);
  return 0;
}
