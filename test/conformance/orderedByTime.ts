import type { Call, Step } from './step.ts';

/**
 * Whether what happens first in a scenario is a matter of time: a timer, a sleep or a process that ends while something
 * else goes on, or a thread that has to do something within the time of a wait. A machine that is late has them in
 * another order, or has a wait begin when its timer has less to go: 92 ms of 100 were seen, and 95 wanted.
 */
export function orderedByTime(steps: readonly Step[]): boolean {
  const calls = steps.flatMap((step) => step.calls);
  const threaded = steps.some(({ thread }) => thread !== undefined);
  return calls.some((call) => passesTime(call) || (threaded && waitsAWhile(call)));
}

function passesTime({ verb, options }: Call): boolean {
  return verb === 'sleep' || verb === 'settime' || options.has('exit_after');
}

function waitsAWhile({ options }: Call): boolean {
  return Number.parseFloat(options.get('timeout') ?? '') > 0;
}
