import { readlinkSync, statSync } from 'node:fs';
import { formatInotifyMask } from '../fd/inotifyMask.ts';
import { parseInotifyFdinfo } from './parse/inotifyFdinfo.ts';
import { readProc } from './readProc.ts';
import type { InotifyTarget } from './target.ts';

/**
 * An inotify descriptor with its watches. The kernel tells the inode of each, not the path. Here paths are guessed and
 * then compared by stat(2): the working directory, the paths on the command line, what is open. Folders are not listed
 * for it: that would be an event for the very watches that are looked for.
 */
export function describeInotify(pid: number, fdinfo: string): InotifyTarget {
  const watches = parseInotifyFdinfo(fdinfo);
  const paths = watches.length === 0 ? new Map<string, string>() : candidatePaths(pid);
  return {
    kind: 'inotify',
    watches: watches.map(({ wd, inode, sdev, mask }) => ({
      wd,
      inode,
      sdev,
      mask,
      flags: formatInotifyMask(mask).split('|'),
      path: paths.get(`${sdev}:${inode}`) ?? null,
    })),
  };
}

function candidatePaths(pid: number): Map<string, string> {
  const root = `/proc/${pid}/root`;
  const working = link(`/proc/${pid}/cwd`);
  const words = (readProc(`/proc/${pid}/cmdline`) ?? '')
    .split('\0')
    .flatMap((word) => [word, word.replace(/^[^=]*=/, '')]);
  const named = words
    .filter((word) => word !== '')
    .map((word) => (word.startsWith('/') || working === null ? word : `${working}/${word}`));
  const found = new Map<string, string>();
  for (const path of [...named, ...(working === null ? [] : [working])]) {
    for (let at = path; at.startsWith('/'); at = at.slice(0, at.lastIndexOf('/'))) {
      const key = identity(`${root}${at}`);
      if (key !== null && !found.has(key)) found.set(key, at);
    }
  }
  const top = identity(`${root}/`);
  if (top !== null && !found.has(top)) found.set(top, '/');
  return found;
}

function identity(path: string): string | null {
  try {
    const { dev, ino } = statSync(path, { bigint: true });
    // The kernel's own number has the minor in 20 bits; that of stat(2) is spread over the word (glibc's
    // gnu_dev_makedev).
    const major = ((dev >> 8n) & 0xfffn) | ((dev >> 32n) & 0xfffff000n);
    const minor = (dev & 0xffn) | ((dev >> 12n) & 0xffffff00n);
    return `${(major << 20n) | minor}:${ino}`;
  } catch {
    return null;
  }
}

function link(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}
