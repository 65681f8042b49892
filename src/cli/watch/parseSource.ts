import { AF_UNIX, encodeSockaddr } from '../../sys/index.ts';
import { nearest } from '../../sys/nearest.ts';
import { UsageError } from '../usageError.ts';
import { parseDuration } from './duration.ts';
import { parseHostPort } from './hostPort.ts';
import { nearestPsi, nearestTime } from './nearestForm.ts';
import { parseSignal } from './signalName.ts';
import { parsePsi } from './psiTrigger.ts';
import type { SourceSpec } from './sourceSpec.ts';

/** Each kind of source and a valid form of it. */
export const sourceForms = {
  stdin: 'stdin',
  fd: 'fd:3',
  timer: 'timer:100ms',
  inotify: 'inotify:.',
  pid: 'pid:1234',
  signal: 'signal:HUP',
  psi: 'psi:cpu:some:100ms/2s',
  tcp: 'tcp:127.0.0.1:4747',
  unix: 'unix:/tmp/epoll.sock',
  udp: 'udp:127.0.0.1:4747',
  path: 'path:/dev/kmsg',
} as const;

type Kind = keyof typeof sourceForms;

const kinds = Object.keys(sourceForms) as Kind[];

/**
 * Reads a source as it is typed: `timer:100ms`.
 *
 * @throws {UsageError} that names the nearest valid form
 */
export function parseSource(name: string): SourceSpec {
  const colon = name.indexOf(':');
  const typed = colon < 0 ? name : name.slice(0, colon);
  const kind = kinds.find((known) => known === typed);
  if (kind === undefined) throw new UsageError(`Unknown source '${name}': ${suggest(name, typed)}`);
  if (kind === 'stdin') {
    if (colon >= 0) throw wrong(name, kind, 'it takes nothing after its name');
    return { kind, name };
  }
  const rest = colon < 0 ? '' : name.slice(colon + 1);
  if (rest === '') throw wrong(name, kind, 'it is not complete');
  return parseRest(kind, name, rest);
}

function parseRest(kind: Exclude<Kind, 'stdin'>, name: string, rest: string): SourceSpec {
  const refuse = (rule: string, near?: string): never => {
    throw wrong(name, kind, rule, near);
  };
  switch (kind) {
    case 'fd':
      return { kind, name, fd: integer(rest, 0) ?? refuse('it must be the number of a descriptor') };
    case 'pid':
      return { kind, name, pid: integer(rest, 1) ?? refuse('it must be the number of a process') };
    case 'timer':
      return { kind, name, everyNs: parseDuration(rest) ?? refuse(timeRule, nearestTime(rest, '100ms')) };
    case 'signal':
      return { kind, name, signal: parseSignal(rest) };
    case 'psi':
      return { kind, name, trigger: parsePsi(rest) ?? refuse(psiRule, nearestPsi(rest)) };
    case 'tcp':
    case 'udp':
      return { kind, name, address: parseHostPort(kind, rest) };
    case 'unix':
      return { kind, name, path: unixPath(rest) ?? refuse('its path must have at most 107 bytes') };
    case 'inotify':
    case 'path':
      return { kind, name, path: rest };
  }
}

const timeRule = 'it must be a time above 0 in ns, us, ms, s or m';
const psiRule =
  'it must be cpu, memory or io, then some or full, or irq:full, then STALL/WINDOW with a window of 500ms to 10s';

function unixPath(text: string): string | null {
  const path = text.replace(/^@/, '\0');
  try {
    encodeSockaddr({ family: AF_UNIX, path });
    return path;
  } catch {
    return null;
  }
}

function integer(text: string, least: number): number | null {
  if (!/^\d{1,10}$/.test(text)) return null;
  const value = Number(text);
  return value >= least && value <= 0x7fff_ffff ? value : null;
}

function wrong(name: string, kind: Kind, rule: string, near?: string): UsageError {
  const form = near === undefined ? sourceForms[kind] : `${kind}:${near}`;
  return new UsageError(`Cannot use '${name}' as ${rule}: for example ${form}`);
}

// What was meant by a name without a known kind before its colon.
function suggest(name: string, typed: string): string {
  const near = nearest(typed, kinds);
  const kind = kinds.find((known) => known === near) ?? null;
  const guesses = [
    kind === null ? '' : `${kind}${name.slice(typed.length)}`,
    /^\d+$/.test(name) ? `fd:${name}` : '',
    `timer:${name}`,
    `signal:${name}`,
    /^[./~]/.test(name) ? `path:${name}` : '',
    `tcp:${name}`,
  ];
  const meant = name === '-' ? 'stdin' : guesses.find((guess) => valid(guess));
  if (meant !== undefined) return `did you mean ${meant}?`;
  return kind === null ? `it must be one of ${kinds.join(', ')}` : `did you mean ${sourceForms[kind]}?`;
}

function valid(guess: string): boolean {
  try {
    return kinds.some((kind) => guess === kind || guess.startsWith(`${kind}:`)) && parseSource(guess) !== null;
  } catch {
    return false;
  }
}
