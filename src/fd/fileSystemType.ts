import { readFileSync } from 'node:fs';

/**
 * The kind of file system that an open file is on: `'proc'`, `'ext4'`, `'fuse.sshfs'`; undefined where it is on none
 * that the process has mounted (a socket, a pipe, an eventfd, a file of another mount namespace).
 *
 * From the list of mounts: statfs(2) and stat(2) ask the daemon of a FUSE file, which may never answer.
 *
 * @param process a process's number
 * @throws Node's error of open(2) where the descriptor, or /proc, is not there
 */
export function fileSystemType(fd: number, process: number | 'self' = 'self'): string | undefined {
  const id = /^mnt_id:\s*(\d+)$/m.exec(readFileSync(`/proc/${process}/fdinfo/${fd}`, 'utf8'))?.[1];
  // ID PARENT MAJOR:MINOR ROOT POINT OPTIONS [FIELD…] - TYPE SOURCE OPTIONS; blanks within are escaped.
  return new RegExp(`^${id} .* - (\\S+) \\S* `, 'm').exec(readFileSync(`/proc/${process}/mountinfo`, 'utf8'))?.[1];
}
