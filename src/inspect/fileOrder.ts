import { KCMP_FILE, kcmp } from '../sys/index.ts';

/** A descriptor of a process. */
export interface FileRef {
  readonly pid: number;
  readonly fd: number;
}

/** Whether kcmp(2) may compare this descriptor: it is open, the process may be looked into, and no sandbox forbids the call. */
export function isComparable({ pid, fd }: FileRef): boolean {
  return kcmp(pid, pid, KCMP_FILE, fd, fd) === 0;
}

/**
 * The descriptors in groups that share one open file description. kcmp(2) gives an order, so n descriptors take n log n
 * calls, not n². What can't be compared is left out.
 */
export function groupByFile<T extends FileRef>(refs: readonly T[]): T[][] {
  const ordered = refs.filter((ref) => isComparable(ref)).sort((a, b) => compareFiles(a, b));
  const groups: T[][] = [];
  for (const ref of ordered) {
    const last = groups.at(-1);
    const first = last?.[0];
    if (last !== undefined && first !== undefined && compareFiles(first, ref) === 0) last.push(ref);
    else groups.push([ref]);
  }
  return groups;
}

// One that was closed in between is put anywhere: it is then equal to nothing.
function compareFiles(a: FileRef, b: FileRef): number {
  const answer = kcmp(a.pid, b.pid, KCMP_FILE, a.fd, b.fd);
  if (answer === 0) return 0;
  return answer === 1 ? -1 : 1;
}
