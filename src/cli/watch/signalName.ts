import { constants } from 'node:os';
import { nearest } from '../../sys/nearest.ts';
import { UsageError } from '../usageError.ts';

const numbers: ReadonlyMap<string, number> = new Map(Object.entries(constants.signals));

/**
 * The C name of a signal typed as `HUP`, `sighup` or `1`.
 *
 * @throws {UsageError} for an unknown one, and for the two that no program can receive
 */
export function parseSignal(text: string): string {
  const typed = text.toUpperCase().replace(/^SIG/, '');
  const name = /^\d+$/.test(typed)
    ? [...numbers].find(([, number]) => number === Number(typed))?.[0]
    : [...numbers.keys()].find((known) => known === `SIG${typed}`);
  if (name === undefined) {
    const meant =
      nearest(
        typed,
        [...numbers.keys()].map((known) => known.slice(3)),
      ) ?? 'HUP';
    throw new UsageError(`Unknown signal in 'signal:${text}': did you mean signal:${meant}?`);
  }
  if (name === 'SIGKILL' || name === 'SIGSTOP') {
    throw new UsageError(`Cannot use 'signal:${text}' as no program can receive ${name}: for example signal:TERM`);
  }
  return name;
}
