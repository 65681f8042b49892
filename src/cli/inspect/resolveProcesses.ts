import { findProcesses, type FoundProcess } from '../../inspect/index.ts';
import { nearest } from '../../sys/nearest.ts';

/** Which processes were meant, and what was meant in vain. */
export interface Resolved {
  readonly pids: readonly number[];
  /** A line per name that no process has. */
  readonly faults: readonly string[];
}

/** The processes that were typed as pids or names, each once. */
export function resolveProcesses(typed: readonly string[]): Resolved {
  const pids = new Set<number>();
  const faults: string[] = [];
  for (const word of typed) {
    if (/^\d+$/.test(word)) {
      pids.add(Number(word));
      continue;
    }
    const found = findProcesses(word);
    if (found.length === 0) faults.push(unknown(word, findProcesses()));
    for (const { pid } of found) pids.add(pid);
  }
  return { pids: [...pids], faults };
}

function unknown(name: string, all: readonly FoundProcess[]): string {
  const meant = nearest(name, new Set(all.map((process) => process.name)));
  return `No process is named '${name}'${meant === null ? '' : `: did you mean ${meant}?`}`;
}
