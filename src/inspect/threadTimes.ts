import { parseProcStat } from './parse/procStat.ts';
import { parseSchedstat } from './parse/schedstat.ts';
import type { ThreadTime } from './processSnapshot.ts';
import { numbersIn, readProc } from './readProc.ts';

// USER_HZ is 100 on x86-64, arm64, riscv64 and loong64.
const nsPerTick = 10_000_000;

/** The CPU time of each thread of a process. */
export function readThreadTimes(pid: number): ThreadTime[] {
  return (numbersIn(`/proc/${pid}/task`) ?? []).flatMap((tid) => {
    const stat = parseProcStat(readProc(`/proc/${pid}/task/${tid}/stat`) ?? '');
    if (stat === null) return [];
    const exact = parseSchedstat(readProc(`/proc/${pid}/task/${tid}/schedstat`) ?? '');
    const { name, userTicks, systemTicks } = stat;
    const runNs = exact?.runNs ?? (userTicks + systemTicks) * nsPerTick;
    return [{ tid, name, runNs, systemNs: systemTicks * nsPerTick, waitNs: exact?.waitNs ?? null }];
  });
}
