/** What is read of `/proc/PID/stat`. */
export interface ProcStat {
  readonly pid: number;
  /** The name can hold spaces, parentheses and line breaks. */
  readonly name: string;
  /** R running, S sleeping, Z a zombie, … */
  readonly state: string;
  readonly parent: number;
  /** Time in its own code and in the kernel, in clock ticks (100 a second on every CPU that this package runs on). */
  readonly userTicks: number;
  readonly systemTicks: number;
  /** Clock ticks after boot, as a decimal number. */
  readonly startTime: string;
}

/** Reads `/proc/PID/stat` or that of a thread; null for what is none. */
export function parseProcStat(text: string): ProcStat | null {
  // The name ends at the last parenthesis: it may hold some itself.
  const [, pid, name = '', rest = ''] = /^(\d+) \((.*)\) (.*)$/s.exec(text.trimEnd()) ?? [];
  const fields = rest.split(' ');
  // The fields that follow are numbered from 3 in proc(5).
  const [state, parent, utime, stime, startTime] = [3, 4, 14, 15, 22].map((number) => fields[number - 3]);
  if (pid === undefined || state === undefined || startTime === undefined) return null;
  return {
    pid: Number(pid),
    name,
    state,
    parent: Number(parent),
    userTicks: Number(utime),
    systemTicks: Number(stime),
    startTime,
  };
}
