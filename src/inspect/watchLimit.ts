import { FileGroups } from './fileOrder.ts';
import { parseRealUid } from './parse/procStatus.ts';
import type { WatchLimit } from './processSnapshot.ts';
import type { ProcessTable } from './processTable.ts';
import { readProc } from './readProc.ts';
import type { Holder } from './target.ts';

const entryLine = /^tfd:/gm;

/**
 * Counts the entries of a user's processes against the limit. The kernel charges the user who made the instance; here
 * it is the real user of a process that has it, which differs for an instance that was passed on.
 */
export function readWatchLimit(uid: number, table: ProcessTable): WatchLimit | null {
  const max = Number(readProc('/proc/sys/fs/epoll/max_user_watches') ?? NaN);
  if (!Number.isFinite(max)) return null;
  const uids = new Map<number, number | null>();
  const epolls = table.epolls.filter(({ pid }) => {
    if (!uids.has(pid)) uids.set(pid, parseRealUid(readProc(`/proc/${pid}/status`) ?? ''));
    return uids.get(pid) === uid;
  });
  let counted = 0;
  for (const { pid, fd } of onePerInstance(epolls)) {
    counted += (readProc(`/proc/${pid}/fdinfo/${fd}`) ?? '').match(entryLine)?.length ?? 0;
  }
  return { max, counted, processes: new Set(epolls.map(({ pid }) => pid)).size };
}

/** One descriptor of each instance; every one where the kernel refuses to compare. */
export function onePerInstance(epolls: readonly Holder[]): Holder[] {
  const groups = new FileGroups<Holder>();
  for (const ref of epolls) groups.add(ref);
  const compared = new Set(groups.all.flat());
  return [...groups.all.flatMap(([first]) => first ?? []), ...epolls.filter((ref) => !compared.has(ref))];
}
