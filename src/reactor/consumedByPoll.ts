import { readlinkSync, statfsSync } from 'node:fs';
import { EPOLLERR, EPOLLIN, EPOLLPRI, EPOLLRDNORM, getsockopt, SO_TYPE, SOL_SOCKET } from '../sys/index.ts';

// linux/magic.h
const PROC_SUPER_MAGIC = 0x9fa0;
const CGROUP2_SUPER_MAGIC = 0x63677270;

const socketType = new Uint8Array(4);

/**
 * What a file reports and, by being asked, forgets; 0 for a file that goes on to report what is true.
 *
 * Pressure-stall files (psi_trigger_poll), `/proc/PID/mounts` and its like (mounts_poll), `/proc/swaps` and sysctl files
 * (proc_sys_poll) clear their event in their poll method. When an epoll instance is itself watched by another, the outer one
 * asks first: it reports the inner as ready, and the inner then has nothing (seen on Linux 6.18; in C and Python too).
 */
export function consumedByPoll(fd: number): number {
  // Every TCP connection is asked for EPOLLPRI: statfs would be the dearest part of that.
  if (getsockopt(fd, SOL_SOCKET, SO_TYPE, socketType) >= 0) return 0;
  const link = `/proc/self/fd/${fd}`;
  try {
    const { type } = statfsSync(link);
    if (type !== PROC_SUPER_MAGIC && type !== CGROUP2_SUPER_MAGIC) return 0;
    if (/\/pressure\/\w+$|\.pressure$/.test(readlinkSync(link))) return EPOLLPRI;
    return type === PROC_SUPER_MAGIC ? EPOLLIN | EPOLLRDNORM | EPOLLERR | EPOLLPRI : 0;
  } catch {
    // Closed, or no /proc: epoll_ctl will say so.
    return 0;
  }
}
