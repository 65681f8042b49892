import fc from 'fast-check';
import type { Coverage } from './coverage.ts';
import { KernelPair } from './kernelPair.ts';
import type { Step } from './step.ts';
import { type Modelled, StepCommand } from './stepCommand.ts';
import { anyStep } from './steps.ts';

/** That the kernel answers every sequence of steps as the model does. */
export function kernelProperty(coverage: Coverage): fc.IProperty<[Iterable<fc.Command<Modelled, KernelPair>>]> {
  const commands = fc.commands([anyStep.map((step) => new StepCommand(step))], { maxCommands: 60, size: 'max' });
  return fc.property(commands, (sequence) => runCommands(sequence, coverage));
}

/** Runs one sequence, as a counterexample prints it. @throws {assert.AssertionError} at the first difference */
export function runSteps(steps: readonly Step[], coverage: Coverage): void {
  runCommands(
    steps.map((step) => new StepCommand(step)),
    coverage,
  );
}

function runCommands(sequence: Iterable<fc.Command<Modelled, KernelPair>>, coverage: Coverage): void {
  const pair = new KernelPair(coverage);
  try {
    fc.modelRun(() => ({ model: { kernel: pair.model }, real: pair }), sequence);
  } catch (error) {
    pair.dispose();
    throw error;
  }
  pair.end();
}
