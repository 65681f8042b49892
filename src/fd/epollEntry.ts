import { EBADF, EPOLLET, EPOLLEXCLUSIVE, EPOLLONESHOT, EPOLLWAKEUP, KCMP_EPOLL_TFD, kcmp } from '../sys/index.ts';
import { readProcText } from './procText.ts';

// The bits that a fired one-shot keeps (EP_PRIVATE_BITS in fs/eventpoll.c).
const privateBits = (EPOLLET | EPOLLONESHOT | EPOLLWAKEUP | EPOLLEXCLUSIVE) >>> 0;

/** One entry of an interest list as the kernel holds it. */
export interface EpollEntry {
  /** The number under which the file was added; another file may have that number by now (see `ghost`). */
  readonly fd: number;
  /**
   * The mask in force: what was asked for, plus EPOLLERR and EPOLLHUP, which the kernel always adds, less what it
   * removed (EPOLLWAKEUP without CAP_BLOCK_SUSPEND). A fired one-shot shows its EPOLLONESHOT and EPOLLET bits only.
   */
  readonly events: number;
  /** The user data. */
  readonly data: bigint;
  /** false: a one-shot that has fired and was not armed again. */
  readonly armed: boolean;
  /**
   * true: the file that was added is no longer what `fd` is: it was closed, or the number used again, while a duplicate
   * keeps the file open. null: the kernel refuses to tell (kcmp is missing or forbidden here).
   */
  readonly ghost: boolean | null;
  /**
   * The file's inode number, where the kernel tells (Linux 4.13): the same for all anonymous files such as eventfds.
   */
  readonly ino: bigint | null;
  /** The device of that inode, major << 20 | minor. */
  readonly sdev: number | null;
}

/** An entry as `/proc/PID/fdinfo/EPFD` has it. */
export type ListedEntry = Omit<EpollEntry, 'ghost'>;

const line =
  /^tfd:\s*(\d+) events:\s*([0-9a-f]+) data:\s*([0-9a-f]+)(?:\s+pos:\s*-?\d+ ino:\s*([0-9a-f]+) sdev:\s*([0-9a-f]+))?/;

/**
 * Reads the `tfd:` lines of an epoll descriptor's fdinfo, in the kernel's order. Lines of kernels before 4.13 end after
 * the data.
 */
export function parseEpollFdinfo(text: string): ListedEntry[] {
  const entries: ListedEntry[] = [];
  for (const row of text.split('\n')) {
    const match = line.exec(row);
    if (match === null) continue;
    const [, fd = '', events = '', data = '', ino, sdev] = match;
    const mask = Number.parseInt(events, 16);
    entries.push({
      fd: Number(fd),
      events: mask,
      data: BigInt(`0x${data}`),
      armed: (mask & ~privateBits) !== 0,
      ino: ino === undefined ? null : BigInt(`0x${ino}`),
      sdev: sdev === undefined ? null : Number.parseInt(sdev, 16),
    });
  }
  return entries;
}

/** The interest list of an epoll descriptor of this process, with ghosts found by kcmp(2). */
export function readEpollEntries(epfd: number): EpollEntry[] {
  const seen = new Map<number, number>();
  return parseEpollFdinfo(readProcText(`/proc/self/fdinfo/${epfd}`)).map((entry) => {
    // Several entries can have one number; fdinfo lists them in the order in which kcmp's `toff` counts them.
    const toff = seen.get(entry.fd) ?? 0;
    seen.set(entry.fd, toff + 1);
    return { ...entry, ghost: isGhost(epfd, entry.fd, toff) };
  });
}

function isGhost(epfd: number, fd: number, toff: number): boolean | null {
  const answer = kcmp(process.pid, process.pid, KCMP_EPOLL_TFD, fd, { efd: epfd, tfd: fd, toff });
  if (answer >= 0) return answer !== 0;
  return answer === -EBADF ? true : null;
}
