import assert from 'node:assert/strict';
import type { Finding, ProcessSnapshot } from 'epoll-ts/inspect';
import { type WatchEnd, WatchProcess, type WatchStart } from '../watchProcess.ts';

/**
 * How long to look at a healthy process: longer than a busy machine has it wait for its turn, as until then what V8 has
 * posted to it is unread.
 */
export const patientSample = '700ms';

/** Runs `epoll inspect` to its end. */
export async function runInspect(args: readonly string[], start?: WatchStart): Promise<WatchEnd> {
  using command = new WatchProcess(['inspect', ...args], start);
  return await command.end();
}

/** A process of `epoll inspect --json`. */
export type JsonProcess = ProcessSnapshot & { readonly findings: readonly Finding[] };

/** What `epoll inspect --json` says of a process, and its exit status. */
export async function inspectJson(
  args: readonly string[],
): Promise<{ readonly code: number | null; readonly processes: readonly JsonProcess[] }> {
  const { code, stdout, stderr } = await runInspect(['--json', ...args]);
  assert.ok(stdout !== '', stderr);
  const { processes } = JSON.parse(stdout) as { processes: JsonProcess[] };
  return { code, processes };
}
