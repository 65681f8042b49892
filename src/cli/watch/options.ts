import { EPOLLET, EPOLLONESHOT } from '../../sys/index.ts';
import { readOptions } from '../readOptions.ts';
import { UsageError } from '../usageError.ts';
import { parseDuration } from './duration.ts';
import { checkExclusive, parseEvents } from './eventMask.ts';
import { nearestTime } from './nearestForm.ts';
import { parseSource } from './parseSource.ts';
import type { SourceSpec } from './sourceSpec.ts';

/** What `epoll watch` was asked to do. */
export interface WatchOptions {
  readonly sources: readonly SourceSpec[];
  /** The events to watch for; null: what each source has by default. */
  readonly events: number | null;
  /** EPOLLET and EPOLLONESHOT, as asked. */
  readonly trigger: number;
  /** Whether a one-shot is armed again after each event. */
  readonly rearm: boolean;
  /** When to end; null: never. */
  readonly forNs: bigint | null;
  /** After how many events to end; Infinity: never. */
  readonly count: number;
  readonly echo: boolean;
  readonly json: boolean;
}

const definitions = {
  events: { type: 'string' },
  edge: { type: 'boolean' },
  oneshot: { type: 'boolean' },
  'no-rearm': { type: 'boolean' },
  for: { type: 'string' },
  count: { type: 'string' },
  echo: { type: 'boolean' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

const examples = { events: '--events IN,RDHUP', for: '--for 5s', count: '--count 10' } as const;

/**
 * Reads the command line of `epoll watch`.
 *
 * @returns null when help was asked for
 * @throws {UsageError} that names the nearest valid form
 */
export function parseOptions(args: readonly string[]): WatchOptions | null {
  const { given, positionals: names } = readOptions(args, { definitions, examples });
  if (given.has('help')) return null;
  if (names.length === 0) throw new UsageError('A source is missing: for example epoll watch stdin timer:1s');
  const mask = given.has('events') ? parseEvents(given.get('events') ?? '') : 0;
  const trigger = triggerBits(given, mask);
  const events = (mask & ~(EPOLLET | EPOLLONESHOT)) >>> 0;
  checkExclusive((events | trigger) >>> 0);
  return {
    sources: names.map((name) => parseSource(name)),
    events: events === 0 ? null : events,
    trigger,
    rearm: !given.has('no-rearm'),
    forNs: given.has('for') ? duration(given.get('for') ?? '') : null,
    count: given.has('count') ? count(given.get('count') ?? '') : Infinity,
    echo: given.has('echo'),
    json: given.has('json'),
  };
}

function triggerBits(given: ReadonlyMap<string, string>, mask: number): number {
  const edge = given.has('edge') || (mask & EPOLLET) !== 0;
  const oneshot = given.has('oneshot') || (mask & EPOLLONESHOT) !== 0;
  if (given.has('no-rearm') && !oneshot) {
    throw new UsageError("Cannot use '--no-rearm' as only a one-shot is armed again: use --oneshot --no-rearm");
  }
  return ((edge ? EPOLLET : 0) | (oneshot ? EPOLLONESHOT : 0)) >>> 0;
}

function duration(text: string): bigint {
  const ns = parseDuration(text);
  if (ns !== null) return ns;
  throw new UsageError(
    `Cannot use '--for ${text}' as it must be a time above 0 in ns, us, ms, s or m: ` +
      `for example --for ${nearestTime(text, '5s')}`,
  );
}

function count(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value > 0) return value;
  throw new UsageError(`Cannot use '--count ${text}' as it must be an integer above 0: for example --count 10`);
}
