import type { NameBoard } from './nameBoard.ts';
import type { StepResult } from './stepResult.ts';
import { StepError } from './stepResult.ts';
import type { Call } from './step.ts';
import type { ThreadBoard } from './threadBoard.ts';

/** What the steps of one scenario share. */
export interface Rig {
  readonly names: NameBoard;
  readonly board: ThreadBoard;
  /** The fresh directory that paths call `D`. */
  readonly directory: string;
}

/** Carries out one call. @throws {StepError} when its preparation fails, or a name means nothing. */
export type Verb = (call: Operands, rig: Rig) => StepResult;
/** The verbs of one family by name. */
export type Verbs = Readonly<Record<string, Verb>>;

/** The operands of a call. */
export class Operands {
  readonly #call: Call;

  constructor(call: Call) {
    this.#call = call;
  }

  /** The word at an index. @throws {StepError} when there is none. */
  word(index: number): string {
    const word = this.#call.words[index];
    if (word === undefined) throw new StepError(`operand ${index + 1} is missing`);
    return word;
  }

  /** The word at an index, if there is one. */
  wordIf(index: number): string | undefined {
    return this.#call.words[index];
  }

  /** Two names joined by a comma. */
  pair(): [string, string] {
    const [first, second] = this.word(0).split(',');
    if (first === undefined || second === undefined) throw new StepError('two names, joined by a comma, are missing');
    return [first, second];
  }

  /** Whether a word stands among the operands. */
  has(word: string): boolean {
    return this.#call.words.includes(word);
  }

  /** The value of `key=value`. */
  option(key: string): string | undefined {
    return this.#call.options.get(key);
  }

  /** The same operands without the first word. */
  rest(): Operands {
    return new Operands({ ...this.#call, words: this.#call.words.slice(1) });
  }
}

/** A descriptor: a number as it stands, or what a name stands for. */
export function descriptor(names: NameBoard, text: string): number {
  return /^-?\d+$/.test(text) ? Number(text) | 0 : names.number('fd', text);
}

/** A path of the scenario: absolute, `procfs:…`, `D` or `D/…`. */
export function pathOf(rig: Rig, text: string): string {
  if (text.startsWith('/')) return text;
  if (text.startsWith('procfs:')) return `/proc/${text.slice('procfs:'.length)}`;
  if (text !== 'D' && !text.startsWith('D/')) throw new StepError(`the path ${text} does not begin with D/`);
  return rig.directory + text.slice(1);
}
