import { readdirSync, readlinkSync } from 'node:fs';
import { readEpollEntries } from '../../fd/epollEntry.ts';
import { F_GETFL, fcntl } from '../../sys/index.ts';

const accessMode = 3;

/**
 * The descriptors with which Node waits and wakes its own threads. Reading one, for `fd:N` with a number that the shell
 * did not pass, would take wake-ups away from Node, and watching its epoll instance would be a circle, at which libuv
 * aborts. They are the epoll instances that watch descriptors of this process, what these watch, once its loop has
 * polled for the first time, and pipes whose two ends are both in this process.
 */
export function runtimeDescriptors(): ReadonlySet<number> {
  const files = new Map<number, string>();
  for (const name of readdirSync('/proc/self/fd')) {
    const file = linkOf(Number(name));
    if (file !== null) files.set(Number(name), file);
  }
  const own = new Set<number>();
  for (const [fd, file] of files) {
    const targets = file === 'anon_inode:[eventpoll]' ? targetsOf(fd) : [];
    if (targets.length > 0) for (const part of [fd, ...targets]) own.add(part);
    if (file === 'anon_inode:[io_uring]') own.add(fd);
    if (file.startsWith('pipe:') && [...files].some(([other, end]) => end === file && mode(other) !== mode(fd)))
      own.add(fd);
  }
  return own;
}

/** What a descriptor of this process refers to: a path, or `socket:[123]`; null when it is not open. */
export function linkOf(fd: number): string | null {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return null;
  }
}

// An instance that was passed by another process names that one's descriptors, which are ghosts here.
function targetsOf(epfd: number): number[] {
  return readEpollEntries(epfd).flatMap(({ fd, ghost }) => (ghost === true ? [] : [fd]));
}

function mode(fd: number): number {
  return fcntl(fd, F_GETFL) & accessMode;
}
