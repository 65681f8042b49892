import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** A file of /proc as text; null where it is not there (any more) or may not be read. */
export function readProc(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

/** The numbers in a folder of /proc, ascending; null where it is not there or may not be read. */
export function numbersIn(folder: string): number[] | null {
  try {
    return readdirSync(folder)
      .map(Number)
      .filter((number) => Number.isInteger(number))
      .sort((a, b) => a - b);
  } catch {
    return null;
  }
}

/** What each open descriptor of a process links to, by number; null where that may not be read. */
export function readFdLinks(pid: number): Map<number, string> | null {
  const fds = numbersIn(`/proc/${pid}/fd`);
  if (fds === null) return null;
  const links = new Map<number, string>();
  for (const fd of fds) {
    try {
      links.set(fd, readlinkSync(`/proc/${pid}/fd/${fd}`));
    } catch {
      // Closed since the folder was read; for another user's process the folder itself is refused.
    }
  }
  return links;
}
