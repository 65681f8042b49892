import { type Expectation, isRecord } from './catalogue.ts';
import { type Matcher, matchers } from './matchers.ts';
import type { StepResult } from './stepResult.ts';

/** One way in which a result differs from what was expected. */
export interface Mismatch {
  /** Index of the step, as in the catalogue; undefined for a statement about several steps. */
  readonly step: number | undefined;
  /** `got …, wanted …` */
  readonly text: string;
  /** Of a time: whether it is too long, and not too short. */
  readonly late?: boolean;
}

type StepMismatch = Omit<Mismatch, 'step'>;

// `note` is for people.
const references: ReadonlySet<string> = new Set(['step', 'among', 'count', 'others_ret', 'each', 'note']);
// A member that only changes how another one is compared says nothing alone.
const needs: Readonly<Record<string, string>> = {
  ordered: 'events',
  unordered: 'inotify',
  inotify_alt: 'inotify',
  count: 'among',
  others_ret: 'among',
};

/**
 * What is wrong with the expectations themselves, as sentences; empty when all can be compared. No unknown member is
 * passed over.
 */
export function expectationProblems(expectations: readonly Expectation[], steps: number): string[] {
  return expectations.flatMap((expectation, index) => {
    const problems = memberProblems(expectation);
    const { step, among } = expectation;
    const indices: unknown[] = among === undefined ? [step] : Array.isArray(among) ? among : [among];
    if ((step === undefined) === (among === undefined)) problems.push("it must have either 'step' or 'among'");
    else if (!indices.every((at) => Number.isInteger(at) && (at as number) >= 0 && (at as number) < steps)) {
      problems.push(`its step must be an index below ${steps}: current value is ${JSON.stringify(step ?? among)}`);
    }
    if (among !== undefined && !('ret' in expectation && 'count' in expectation)) {
      problems.push("'among' must come with 'ret' and 'count'");
    }
    return problems.map((problem) => `Cannot use expectation ${index} as ${problem}`);
  });
}

function memberProblems(expectation: Expectation): string[] {
  const problems: string[] = [];
  for (const [name, wanted] of Object.entries(expectation)) {
    const matcher = matchers[name];
    const needed = needs[name];
    if (needed !== undefined && !(needed in expectation)) problems.push(`'${name}' must come with '${needed}'`);
    if (matcher !== undefined) problems.push(...matcher.problems(wanted).map((problem) => `'${name}' ${problem}`));
    else if (name === 'each') problems.push(...eachProblems(wanted));
    else if (!references.has(name) && needed === undefined) problems.push(`'${name}' is not a known expectation`);
  }
  return problems;
}

function eachProblems(wanted: unknown): string[] {
  if (!isRecord(wanted)) return ["'each' must be an object of expectations by inner index"];
  return Object.entries(wanted).flatMap(([index, inner]) => {
    if (!/^\d+$/.test(index) || !isRecord(inner))
      return [`'each' must have an expectation under an index: current value is ${index}`];
    return memberProblems(inner);
  });
}

/** Compares the results of a scenario's steps with its expectations. The expectations must have no problems. */
export function compare(expectations: readonly Expectation[], results: ReadonlyMap<number, StepResult>): Mismatch[] {
  return expectations.flatMap((expectation) => {
    const { step, among } = expectation;
    if (typeof step !== 'number') return compareAmong(expectation, among as number[], results);
    return compareOne(expectation, results.get(step)).map((mismatch) => ({ step, ...mismatch }));
  });
}

function compareOne(expectation: Expectation, result: StepResult | undefined): StepMismatch[] {
  if (result === undefined) return [{ text: 'got no result, wanted one' }];
  if (result.error !== undefined) return [{ text: `could not be carried out: ${result.error}` }];
  const found: StepMismatch[] = [];
  for (const [name, wanted] of Object.entries(expectation)) {
    if (name === 'each') {
      found.push(...compareRounds(wanted as Record<string, Expectation>, result));
      continue;
    }
    const matcher: Matcher | undefined = matchers[name];
    if (matcher === undefined || matcher.matches(wanted, result, expectation)) continue;
    const text = `${name}: got ${matcher.got(result)}, wanted ${JSON.stringify(wanted)}`;
    const late = matcher.late?.(wanted, result);
    found.push(late === undefined ? { text } : { text, late });
  }
  return found;
}

// The first round that differs is enough: of 20,000 rounds the others differ in the same way.
function compareRounds(each: Readonly<Record<string, Expectation>>, { rounds }: StepResult): StepMismatch[] {
  if (rounds === undefined) return [{ text: 'each: got a step without rounds, wanted a repeat' }];
  for (const [number, round] of rounds.entries()) {
    for (const [index, expectation] of Object.entries(each)) {
      const found = compareOne(expectation, round[Number(index)]);
      if (found.length > 0)
        return found.map(({ text, ...rest }) => ({ text: `round ${number}, inner step ${index}: ${text}`, ...rest }));
    }
  }
  return [];
}

function compareAmong(
  expectation: Expectation,
  steps: readonly number[],
  results: ReadonlyMap<number, StepResult>,
): Mismatch[] {
  const { ret, count, others_ret: othersRet } = expectation;
  const missing = steps.filter((step) => results.get(step) === undefined);
  if (missing.length > 0) return missing.map((step) => ({ step, text: 'got no result, wanted one' }));
  const got = steps.map((step) => results.get(step)?.ret ?? null);
  const equal = got.filter((value) => value === ret).length;
  const named = `among steps ${steps.join(', ')}: got ret ${JSON.stringify(got)}`;
  const texts: string[] = [];
  if (!(Array.isArray(count) ? count.includes(equal) : count === equal)) {
    texts.push(`${named}, of which ${equal} are ${JSON.stringify(ret)}, wanted ${JSON.stringify(count)}`);
  }
  if (othersRet !== undefined && got.some((value) => value !== ret && value !== othersRet)) {
    texts.push(`${named}, wanted ${JSON.stringify(othersRet)} from the others`);
  }
  return texts.map((text) => ({ step: undefined, text }));
}
