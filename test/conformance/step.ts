/** One verb with its operands, as written. */
export interface Call {
  readonly text: string;
  readonly verb: string;
  /** The words without `=`. */
  readonly words: readonly string[];
  /** The words of the form `key=value`. */
  readonly options: ReadonlyMap<string, string>;
}

/** One step of a scenario. */
export interface Step {
  readonly text: string;
  /** The thread that the step is queued on; undefined for the main thread, which carries steps out at once. */
  readonly thread: string | undefined;
  /** How many rounds of `calls`; undefined for a plain step, which has one call. */
  readonly repeat: number | undefined;
  readonly calls: readonly Call[];
}

/**
 * Reads one step. It knows the form only: whether the verb exists is the table's business (verbs.ts).
 *
 * @throws {SyntaxError} for an empty step.
 */
export function parseStep(text: string): Step {
  const [, thread, rest = text] = /^(T\w*|P\d+): (.*)$/s.exec(text) ?? [];
  const body = rest.trim();
  const [, count, inner] = /^repeat (\d+) \{ (.*) \}$/s.exec(body) ?? [];
  if (count !== undefined && inner !== undefined) {
    return { text, thread, repeat: Number(count), calls: inner.split(' ; ').map(parseCall) };
  }
  return { text, thread, repeat: undefined, calls: [parseCall(body)] };
}

function parseCall(text: string): Call {
  const [verb, ...rest] = text.trim().split(/\s+/);
  if (verb === undefined || verb === '') throw new SyntaxError('Cannot read a step as it must not be empty');
  const words: string[] = [];
  const options = new Map<string, string>();
  for (const word of rest) {
    const at = word.indexOf('=');
    if (at > 0) options.set(word.slice(0, at), word.slice(at + 1));
    else words.push(word);
  }
  return { text: text.trim(), verb, words, options };
}

/** The names of the threads that a scenario uses, in order of their first step. */
export function threadNames(steps: readonly Step[]): string[] {
  return [...new Set(steps.flatMap(({ thread }) => thread ?? []))];
}
