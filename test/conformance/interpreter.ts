import { Operands, type Rig } from './rig.ts';
import type { Call, Step } from './step.ts';
import { StepError, type StepResult } from './stepResult.ts';
import { verbOf } from './verbs.ts';

/** What came of a step. */
export interface Performed {
  readonly result: StepResult;
  /**
   * Whether something threw that no step may throw: a defect of the package or of the rig, which no entry passes with.
   */
  readonly defect: boolean;
}

/** Carries out one step in the calling thread, blocking it as long as the step blocks. */
export function perform(step: Step, rig: Rig): Performed {
  try {
    return { result: timed(() => run(step, rig)), defect: false };
  } catch (error) {
    if (error instanceof StepError || error instanceof SyntaxError) {
      return { result: { error: error.message }, defect: false };
    }
    return { result: { error: String(error) }, defect: true };
  }
}

function run(step: Step, rig: Rig): StepResult {
  const [only] = step.calls;
  if (step.repeat === undefined) return only === undefined ? {} : callOnce(only, rig);
  const rounds: StepResult[][] = [];
  for (let round = 0; round < step.repeat; round++) {
    rounds.push(step.calls.map((call) => timed(() => callOnce(call, rig))));
  }
  return { ret: 0, rounds };
}

function callOnce(call: Call, rig: Rig): StepResult {
  const verb = verbOf(call);
  if (verb === undefined) throw new StepError(`step \`${call.text}\` is not supported yet`);
  return verb(new Operands(call), rig);
}

function timed(work: () => StepResult): StepResult {
  const start = performance.now();
  const result = work();
  return { ...result, elapsed_ms: performance.now() - start };
}
