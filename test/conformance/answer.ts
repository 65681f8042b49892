import { EINTR, errnoName } from 'epoll-ts/sys';
import type { NameBoard } from './nameBoard.ts';
import { StepError, type StepResult } from './stepResult.ts';

/** A kernel's answer (≥ 0, or -errno) as the language has it: the number, or -1 with the error's name. */
export function answered(answer: number): StepResult {
  return answer < 0 ? { ret: -1, errno: errnoName(answer) } : { ret: answer };
}

/** The answer of a call that makes a descriptor; the number of a new one is of no interest. */
export function opened(names: NameBoard, name: string, answer: number): StepResult {
  if (answer < 0) return answered(answer);
  nameDescriptor(names, name, answer);
  return { ret: 'fd' };
}

/** Gives a descriptor its name. */
export function nameDescriptor(names: NameBoard, name: string, fd: number): void {
  names.set('fd', name, fd);
  names.delete('eventfd', name);
}

/** The answer of a call that a step prepares itself with. @throws {StepError} for an error. */
export function must(answer: number, what: string): number {
  if (answer < 0) throw new StepError(`${what} gave ${errnoName(answer)}`);
  return answer;
}

/** Repeats a call that a signal interrupted: for steps that want its result, not its interruption. */
export function uninterrupted(call: () => number): number {
  let answer = call();
  while (answer === -EINTR) answer = call();
  return answer;
}
