import type { Command } from 'fast-check';
import type { KernelPair } from './kernelPair.ts';
import type { ModelKernel } from './modelKernel.ts';
import { callOf, type Step } from './step.ts';

/** What fast-check hands to `check`: in an object, as it takes a class's private members away. */
export interface Modelled {
  readonly kernel: ModelKernel;
}

/** A step as fast-check's model runner takes it. */
export class StepCommand implements Command<Modelled, KernelPair> {
  readonly #step: Step;

  constructor(step: Step) {
    this.#step = step;
  }

  check({ kernel }: Modelled): boolean {
    return callOf(this.#step, kernel) !== undefined;
  }

  run({ kernel }: Modelled, pair: KernelPair): void {
    callOf(this.#step, kernel)?.(pair);
  }

  toString(): string {
    return JSON.stringify(this.#step);
  }
}
