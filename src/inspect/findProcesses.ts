import { basename } from 'node:path';
import { readlinkSync } from 'node:fs';
import { parseProcStat } from './parse/procStat.ts';
import { numbersIn, readProc } from './readProc.ts';

/** A process by name. */
export interface FoundProcess {
  readonly pid: number;
  readonly name: string;
}

/**
 * The processes of a name: that in `/proc/PID/comm`, which the kernel cuts after 15 bytes, that of the executable, or
 * the first word of the command line, without its folder. All processes without a name. This process itself is left
 * out.
 *
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { findProcesses } from 'epoll-ts/inspect';
 *
 * assert.ok(findProcesses().every(({ pid }) => pid !== process.pid));
 * assert.deepEqual(findProcesses('no such program'), []);
 * ```
 */
export function findProcesses(name?: string): FoundProcess[] {
  return (numbersIn('/proc') ?? []).flatMap((pid) => {
    const stat = pid === process.pid ? null : parseProcStat(readProc(`/proc/${pid}/stat`) ?? '');
    if (stat === null || stat.state === 'Z') return [];
    return name === undefined || namesOf(pid, stat.name).has(name) ? [{ pid, name: stat.name }] : [];
  });
}

function namesOf(pid: number, comm: string): Set<string> {
  const [first = ''] = (readProc(`/proc/${pid}/cmdline`) ?? '').split('\0');
  const names = new Set([comm]);
  // A server that titles itself: "nginx: worker process".
  for (const word of [basename(first), first.split(/:? /)[0] ?? '']) if (word !== '') names.add(word);
  try {
    names.add(basename(readlinkSync(`/proc/${pid}/exe`)));
  } catch {
    // Another user's, or a kernel thread.
  }
  return names;
}
