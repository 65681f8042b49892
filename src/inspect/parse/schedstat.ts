/**
 * Reads `/proc/PID/task/TID/schedstat`: nanoseconds on a CPU and waiting for one; null where the kernel does not count.
 */
export function parseSchedstat(text: string): { readonly runNs: number; readonly waitNs: number } | null {
  const [, run, wait] = /^(\d+) (\d+) \d+/.exec(text) ?? [];
  // "0 0 0": built without CONFIG_SCHED_INFO, or a thread that never ran.
  return run === undefined || run === '0' ? null : { runNs: Number(run), waitNs: Number(wait) };
}
