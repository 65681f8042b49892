import type { ProcessSnapshot } from '../processSnapshot.ts';

/** How a thread spent the time between the first look and the last. */
export interface CpuUse {
  readonly tid: number;
  readonly name: string;
  /** The share of the time in which it ran or wanted to: 1 is a thread that never sleeps. */
  readonly busy: number;
  /** The share of its CPU time that was spent in the kernel. */
  readonly system: number;
}

/** The threads of a process, the busiest first; none for a single look. */
export function cpuUse(samples: readonly ProcessSnapshot[]): CpuUse[] {
  const first = samples[0];
  const last = samples.at(-1);
  if (first === undefined || last === undefined) return [];
  const wallNs = (last.monotonicMs - first.monotonicMs) * 1e6;
  if (wallNs <= 0) return [];
  const before = new Map(first.threads.map((thread) => [thread.tid, thread]));
  return last.threads
    .flatMap((thread) => {
      const start = before.get(thread.tid);
      if (start === undefined) return [];
      const run = thread.runNs - start.runNs;
      // A busy thread on a busy machine runs little and waits much: both are wish to run.
      const wait = (thread.waitNs ?? 0) - (start.waitNs ?? 0);
      const system = run <= 0 ? 0 : Math.min(1, (thread.systemNs - start.systemNs) / run);
      return [{ tid: thread.tid, name: thread.name, busy: Math.min(1, (run + wait) / wallNs), system }];
    })
    .sort((a, b) => b.busy - a.busy);
}
