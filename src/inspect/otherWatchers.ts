import { parseEpollFdinfo } from '../fd/epollEntry.ts';
import type { EpollInstance, OtherWatcher } from './processSnapshot.ts';
import type { ProcessTable } from './processTable.ts';
import { readProc } from './readProc.ts';
import type { Holder } from './target.ts';
import { onePerInstance } from './watchLimit.ts';

/**
 * The instances of other processes that watch a socket or pipe which this process watches too, such as the listener
 * that the workers of a server have in common.
 */
export function findOtherWatchers(
  pid: number,
  instances: readonly EpollInstance[],
  table: ProcessTable,
): OtherWatcher[] {
  const inodes = new Map<string, number>();
  const suspects = new Set<number>();
  for (const { target, ghost } of instances.flatMap(({ entries }) => entries)) {
    if (ghost === true || !('inode' in target)) continue;
    inodes.set(target.inode, 0);
    const link = target.kind === 'pipe' ? `pipe:[${target.inode}]` : `socket:[${target.inode}]`;
    for (const holder of table.holders(link)) if (holder.pid !== pid) suspects.add(holder.pid);
  }
  if (suspects.size === 0) return [];
  const shared = new Set(
    instances.flatMap(({ sharedWith }) => (sharedWith ?? []).map((holder) => `${holder.pid}:${holder.fd}`)),
  );
  const epolls = table.epolls.filter((holder) => suspects.has(holder.pid) && !shared.has(`${holder.pid}:${holder.fd}`));
  return onePerInstance(epolls).flatMap((holder) => watchersOf(holder, inodes));
}

function watchersOf({ pid, name, fd }: Holder, inodes: ReadonlyMap<string, number>): OtherWatcher[] {
  return parseEpollFdinfo(readProc(`/proc/${pid}/fdinfo/${fd}`) ?? '').flatMap(({ ino, events }) => {
    const inode = String(ino);
    return inodes.has(inode) ? [{ inode, pid, name, epfd: fd, events }] : [];
  });
}
