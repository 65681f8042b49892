import { readdirSync } from 'node:fs';
import { pollNow } from '../fd/pollNow.ts';
import { SystemError } from '../fd/systemError.ts';
import { close, EACCES, ENOENT, EPERM, ESRCH, pidfd_getfd, pidfd_open, POLLIN } from '../sys/index.ts';
import { parseProcStat, type ProcStat } from './parse/procStat.ts';
import { parseRealUid } from './parse/procStatus.ts';
import { readFdLinks, readProc } from './readProc.ts';

/**
 * A process while it is being looked at. A pidfd keeps the number from meaning another process unnoticed; where the
 * kernel has none (before 5.3), the start time does.
 */
export class OpenProcess {
  readonly pid: number;
  readonly stat: ProcStat;
  readonly uid: number | null;
  /** What each descriptor links to. */
  readonly links: ReadonlyMap<number, string>;
  readonly #pidfd: number;

  /**
   * @throws {SystemError} ESRCH when there is no such process, or it has ended; EACCES when its descriptors may not be
   *   seen
   */
  constructor(pid: number) {
    this.pid = pid;
    this.#pidfd = pidfd_open(pid, 0);
    try {
      if (this.#pidfd === -ESRCH) throw goneError(pid);
      const stat = parseProcStat(readProc(`/proc/${pid}/stat`) ?? '');
      if (stat === null) throw goneError(pid);
      if (stat.pid === pid && stat.state === 'Z') throw goneError(pid);
      this.stat = stat;
      this.uid = parseRealUid(readProc(`/proc/${pid}/status`) ?? '');
      this.links = this.#readLinks();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** A duplicate of a descriptor of the process in this one, or -errno. The caller closes it at once. */
  copy(fd: number): number {
    return this.#pidfd < 0 ? this.#pidfd : pidfd_getfd(this.#pidfd, fd, 0);
  }

  /**
   * @throws {SystemError} ESRCH when the process has ended since: what was read may be of another one with its number
   */
  confirm(): void {
    if (this.#pidfd >= 0) {
      if (pollNow(this.#pidfd, POLLIN) > 0) throw goneError(this.pid);
      return;
    }
    const now = parseProcStat(readProc(`/proc/${this.pid}/stat`) ?? '');
    if (now === null || now.state === 'Z' || now.startTime !== this.stat.startTime) throw goneError(this.pid);
  }

  close(): void {
    if (this.#pidfd >= 0) close(this.#pidfd);
  }

  #readLinks(): ReadonlyMap<number, string> {
    const links = readFdLinks(this.pid);
    // A process that looks into itself.
    if (this.pid === process.pid) links?.delete(this.#pidfd);
    if (links !== null) return links;
    try {
      readdirSync(`/proc/${this.pid}/fd`);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === 'EACCES' || code === 'EPERM') throw refusedError(this.pid, this.stat.name, this.uid);
    }
    throw goneError(this.pid);
  }
}

function goneError(pid: number): SystemError {
  return new SystemError(
    -ESRCH,
    'inspect',
    { path: `/proc/${pid}` },
    `there is no process ${pid}, or it has just ended`,
  );
}

function refusedError(pid: number, name: string, uid: number | null): SystemError {
  const owner = uid === null ? 'another user' : `user ${uid}`;
  return new SystemError(
    -EACCES,
    'inspect',
    { path: `/proc/${pid}/fd` },
    `process ${pid} (${name}) of ${owner} may be looked into by root, with CAP_SYS_PTRACE, ` +
      'or by its own user unless it has changed privileges',
  );
}

/** Whether an answer of a call means that a right is missing. */
export function isRefusal(answer: number): boolean {
  return answer === -EPERM || answer === -EACCES;
}

/** Whether an answer of a call means that the descriptor or entry is not there any more. */
export function isVanished(answer: number): boolean {
  return answer === -ESRCH || answer === -ENOENT;
}
