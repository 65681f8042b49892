import { readOptions } from '../readOptions.ts';
import { UsageError } from '../usageError.ts';
import { parseDuration } from '../watch/duration.ts';

/** What `epoll inspect` was asked to do. */
export interface InspectCommandOptions {
  /** Pids and names, as typed; empty with `all`. */
  readonly processes: readonly string[];
  readonly all: boolean;
  /** Milliseconds from the first look to the last; 0: one look. */
  readonly sampleMs: number;
  readonly watch: boolean;
  readonly everyMs: number;
  /** When to end `--watch`; null: never. */
  readonly forMs: number | null;
  readonly ready: boolean;
  /** Whether to check every entry for being a ghost, however long that takes. */
  readonly exact: boolean;
  readonly json: boolean;
}

const definitions = {
  all: { type: 'boolean' },
  sample: { type: 'string' },
  watch: { type: 'boolean' },
  every: { type: 'string' },
  for: { type: 'string' },
  'no-ready': { type: 'boolean' },
  exact: { type: 'boolean' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

const examples = { sample: '--sample 2s', every: '--every 1s', for: '--for 1m' } as const;

// What setTimeout takes is 24 days.
const longestMs = 2_000_000_000;

/**
 * Reads the command line of `epoll inspect`.
 *
 * @returns null when help was asked for
 * @throws {UsageError} that names the nearest valid form
 */
export function parseOptions(args: readonly string[]): InspectCommandOptions | null {
  const { given, positionals: processes } = readOptions(args, { definitions, examples });
  if (given.has('help')) return null;
  const all = given.has('all');
  if (processes.length === 0 && !all) {
    throw new UsageError('A process is missing: for example epoll inspect 4242, epoll inspect redis-server, or --all');
  }
  if (processes.length > 0 && all) throw new UsageError("Cannot use '--all' with a process: use one of them");
  for (const typed of processes) checkProcess(typed);
  for (const name of ['every', 'for'] as const) {
    if (given.has(name) && !given.has('watch')) throw new UsageError(`Cannot use '--${name}' without --watch`);
  }
  return {
    processes,
    all,
    sampleMs: given.get('sample') === '0' ? 0 : (duration(given, 'sample') ?? 250),
    watch: given.has('watch'),
    everyMs: duration(given, 'every') ?? 1_000,
    forMs: duration(given, 'for'),
    ready: !given.has('no-ready'),
    exact: given.has('exact'),
    json: given.has('json'),
  };
}

function checkProcess(typed: string): void {
  if (typed === '') throw new UsageError('Cannot inspect an empty name: for example epoll inspect redis-server');
  if (!/^\d+$/.test(typed)) return;
  const pid = Number(typed);
  if (pid >= 1 && pid <= 0x7fff_ffff) return;
  throw new UsageError(
    `Cannot inspect '${typed}' as a pid must be from 1 to 2147483647: for example epoll inspect 4242`,
  );
}

function duration(given: ReadonlyMap<string, string>, name: keyof typeof examples): number | null {
  const text = given.get(name);
  if (text === undefined) return null;
  const ns = parseDuration(text);
  const ms = ns === null ? NaN : Number(ns) / 1e6;
  if (ms >= 1 && ms <= longestMs) return ms;
  throw new UsageError(
    `Cannot use '--${name} ${text}' as it must be a time from 1ms, in ms, s or m: for example ${examples[name]}`,
  );
}
