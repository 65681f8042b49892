import { readlinkSync } from 'node:fs';
import { fileSystemType } from '../../fd/fileSystemType.ts';
import { EPOLLERR, EPOLLIN, EPOLLPRI, EPOLLRDNORM, getsockopt, SO_TYPE, SOL_SOCKET } from '../../sys/index.ts';

const socketType = new Uint8Array(4);

/**
 * What a file reports and, by being asked, forgets; 0 for a file that goes on to report what is true.
 *
 * Pressure-stall files (psi_trigger_poll), `/proc/PID/mounts` and its like (mounts_poll), `/proc/swaps` and sysctl
 * files (proc_sys_poll) clear their event in their poll method. When an epoll instance is itself watched by another,
 * the outer one asks first: it reports the inner as ready, and the inner then has nothing (seen on Linux 6.18; in C and
 * Python too).
 */
export function forgottenWhenAsked(fd: number): number {
  // Every TCP connection is asked for EPOLLPRI: to look into /proc would be the dearest part of that.
  if (getsockopt(fd, SOL_SOCKET, SO_TYPE, socketType) >= 0) return 0;
  try {
    const path = readlinkSync(`/proc/self/fd/${fd}`);
    // A pipe, an eventfd and the like have no path.
    if (!path.startsWith('/')) return 0;
    const type = fileSystemType(fd);
    if (type !== 'proc' && type !== 'cgroup2') return 0;
    if (/\/pressure\/\w+$|\.pressure$/.test(path)) return EPOLLPRI;
    return type === 'proc' ? EPOLLIN | EPOLLRDNORM | EPOLLERR | EPOLLPRI : 0;
  } catch {
    // Closed, or no /proc: epoll_ctl will say so.
    return 0;
  }
}
