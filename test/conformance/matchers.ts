import { isDeepStrictEqual } from 'node:util';
import { type Expectation, isRecord } from './catalogue.ts';
import type { InotifyWords, StepResult, WaitEvent } from './stepResult.ts';
import { eventWords, parseEvents } from './vocabulary.ts';

/** How one member of an expectation is compared. */
export interface Matcher {
  /** What is wrong with the wanted value itself. */
  problems(wanted: unknown): string[];
  /** Whether the result is what is wanted. The wanted value must have no problems. */
  matches(wanted: unknown, result: StepResult, expectation: Expectation): boolean;
  /**
   * true: a time that is too long, as on a busy machine; false: one that is too short, which no load makes of one wait;
   * undefined: no time.
   */
  late?(wanted: unknown, result: StepResult): boolean | undefined;
  /** The compared part of the result, for a message. */
  got(result: StepResult): string;
}

const noProblems = (): string[] => [];
const modifier: Matcher = { problems: noProblems, matches: () => true, got: () => '' };

/** The members that say something about one step. */
export const matchers: Readonly<Record<string, Matcher>> = {
  ret: { problems: noProblems, matches: matchesRet, got: showRet },
  errno: { problems: noProblems, matches: matchesErrno, got: (result) => show(result.errno) },
  events: { problems: eventsProblems, matches: matchesEvents, got: (result) => showEvents(result.events ?? []) },
  ordered: modifier,
  value: {
    problems: valueProblems,
    matches: matchesValue,
    // How often a timer expired, which goes on while the machine does something else.
    late: (wanted, { value }) =>
      isRecord(wanted) ? Number(value ?? Number.NaN) > Number(wanted['max'] ?? Infinity) : undefined,
    got: (result) => show(result.value),
  },
  value_in: {
    problems: (wanted) => (Array.isArray(wanted) ? [] : ['must be a list']),
    matches: (wanted, result) => (wanted as unknown[]).includes(result.value),
    got: (result) => show(result.value),
  },
  elapsed_ms: range('elapsed_ms'),
  value_ms: range('value_ms'),
  interval_ms: range('interval_ms'),
  inotify: { problems: inotifyProblems, matches: matchesInotify, got: (result) => show(result.inotify) },
  inotify_alt: { ...modifier, problems: inotifyProblems },
  unordered: modifier,
  same_cookie: { problems: pairProblems, matches: matchesCookie, got: (result) => `cookies ${show(result.cookies)}` },
  signals: same('signals'),
  ssi_int: same('ssi_int'),
  ssi_code: same('ssi_code'),
  ssi_pid: same('ssi_pid'),
  status: same('status'),
};

function show(value: unknown): string {
  return JSON.stringify(value) ?? 'nothing';
}

function same(name: 'signals' | 'ssi_int' | 'ssi_code' | 'ssi_pid' | 'status'): Matcher {
  return {
    problems: noProblems,
    matches: (wanted, result) => isDeepStrictEqual(result[name], wanted),
    got: (result) => show(result[name]),
  };
}

function showRet(result: StepResult): string {
  return result.errno === undefined ? show(result.ret) : `${show(result.ret)} (${result.errno})`;
}

function matchesRet(wanted: unknown, { ret }: StepResult): boolean {
  // `fill` answers whether it wrote anything.
  if (wanted === true || ret === true) return Boolean(wanted) === Boolean(ret);
  if (wanted === '>=1') return typeof ret === 'number' && ret >= 1;
  if (wanted === '>=0') return typeof ret === 'number' ? ret >= 0 : ret === 'fd' || ret === 'wd' || ret === 'pid';
  return Array.isArray(wanted) ? wanted.includes(ret) : wanted === ret;
}

// One number, two names: which one a system prints is its own affair.
const errnoAliases: Readonly<Record<string, string>> = {
  EWOULDBLOCK: 'EAGAIN',
  ENOTSUP: 'EOPNOTSUPP',
  EDEADLOCK: 'EDEADLK',
};

function matchesErrno(wanted: unknown, { errno }: StepResult): boolean {
  const plain = (name: unknown): unknown => (typeof name === 'string' ? (errnoAliases[name] ?? name) : name);
  const allowed: unknown[] = Array.isArray(wanted) ? wanted : [wanted];
  return allowed.map(plain).includes(plain(errno));
}

function isEventPair(value: unknown): value is [string, string] {
  return Array.isArray(value) && value.length === 2 && value.every((part) => typeof part === 'string');
}

function eventsProblems(wanted: unknown): string[] {
  if (!Array.isArray(wanted)) return ['must be a list of [who, bits]'];
  return wanted.flatMap((pair: unknown) => {
    if (!isEventPair(pair)) return [`must hold [who, bits]: current value is ${show(pair)}`];
    try {
      wantedBits(pair[1]);
      return [];
    } catch (error) {
      return [`must hold event bits: ${(error as Error).message}`];
    }
  });
}

/** Event bits as wanted: exact, at least (`IN+`), or whatever (`*`). */
function wantedBits(text: string): (mask: number) => boolean {
  if (text === '*') return () => true;
  if (!text.endsWith('+')) {
    const exact = parseEvents(text);
    return (mask) => mask === exact;
  }
  const least = parseEvents(text.slice(0, -1));
  return (mask) => (mask & least) >>> 0 === least;
}

function matchesEvents(wanted: unknown, { events = [] }: StepResult, expectation: Expectation): boolean {
  const tests = (wanted as [string, string][]).map(([who, bits]) => {
    const fits = wantedBits(bits);
    return (event: WaitEvent): boolean => (who === '*' || who === event[0]) && fits(event[1]);
  });
  if (tests.length !== events.length) return false;
  const rest = [...events];
  return tests.every((test) => {
    const at = expectation['ordered'] === true ? 0 : rest.findIndex(test);
    const [event] = at < 0 ? [] : rest.splice(at, 1);
    return event !== undefined && test(event);
  });
}

function showEvents(events: readonly WaitEvent[]): string {
  return JSON.stringify(events.map(([who, mask]) => [who, eventWords(mask)]));
}

function valueProblems(wanted: unknown): string[] {
  if (!isRecord(wanted)) return [];
  return Object.entries(wanted).flatMap(([name, limit]) =>
    (name === 'min' || name === 'max') && typeof limit === 'number'
      ? []
      : [`must have the numbers 'min' and 'max' only: current member is '${name}'`],
  );
}

function matchesValue(wanted: unknown, { value }: StepResult): boolean {
  if (!isRecord(wanted)) return (value ?? null) === wanted;
  const { min, max } = wanted as { min?: number; max?: number };
  // A comparison with NaN is false: a step without a value does not pass.
  const got = Number(value ?? Number.NaN);
  return got >= (min ?? -Infinity) && got <= (max ?? Infinity);
}

function range(name: 'elapsed_ms' | 'value_ms' | 'interval_ms'): Matcher {
  return {
    problems: (wanted) => {
      const limits: unknown[] = Array.isArray(wanted) ? wanted : [];
      const fits = limits.length === 2 && limits.every((limit) => limit === null || typeof limit === 'number');
      return fits ? [] : [`must be [min, max]: current value is ${show(wanted)}`];
    },
    matches: (wanted, result) => {
      const [min, max] = wanted as [number | null, number | null];
      const got = result[name] ?? Number.NaN;
      return got >= (min ?? -Infinity) && got <= (max ?? Infinity);
    },
    late: (wanted, result) => (result[name] ?? Number.NaN) > ((wanted as [unknown, number | null])[1] ?? Infinity),
    got: (result) => result[name]?.toFixed(3) ?? 'nothing',
  };
}

function inotifyProblems(wanted: unknown): string[] {
  const fits =
    Array.isArray(wanted) &&
    wanted.every(
      (record) => Array.isArray(record) && record.length === 3 && record.every((part) => typeof part === 'string'),
    );
  return fits ? [] : [`must be a list of [watch, mask, name]: current value is ${show(wanted)}`];
}

function matchesInotify(wanted: unknown, { inotify = [] }: StepResult, expectation: Expectation): boolean {
  // Within a mask the order of the words means nothing.
  const plain = (records: readonly InotifyWords[]): string[] =>
    records.map(([watch, mask, name]) => JSON.stringify([watch, mask.split('|').sort().join('|'), name]));
  const got = plain(inotify);
  const first = plain(wanted as InotifyWords[]);
  if (expectation['unordered'] === true) return isDeepStrictEqual(got.sort(), first.sort());
  const second = expectation['inotify_alt'] as InotifyWords[] | undefined;
  return isDeepStrictEqual(got, first) || (second !== undefined && isDeepStrictEqual(got, plain(second)));
}

function pairProblems(wanted: unknown): string[] {
  const fits =
    Array.isArray(wanted) && wanted.length === 2 && wanted.every((index) => Number.isInteger(index) && index >= 0);
  return fits ? [] : [`must be two indices: current value is ${show(wanted)}`];
}

function matchesCookie(wanted: unknown, { cookies = [] }: StepResult): boolean {
  const [a = -1, b = -1] = wanted as number[];
  const cookie = cookies[a];
  return cookie !== undefined && cookie !== 0 && cookie === cookies[b];
}
