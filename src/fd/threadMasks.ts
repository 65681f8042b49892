import { listProcNames, readProcText } from './procText.ts';
import { SystemError } from './systemError.ts';

/** A thread of this process, and the signals it blocks. */
export interface ThreadMask {
  readonly tid: number;
  /** What the kernel calls it, 15 bytes at most. */
  readonly name: string;
  /** Bit `n - 1` for signal `n`. */
  readonly blocked: bigint;
}

/** Reads `Name`, `Pid` and `SigBlk` of the text of a `/proc/PID/task/TID/status`. */
export function parseThreadMask(status: string): ThreadMask {
  const field = (name: string): string => new RegExp(`^${name}:\\t(.*)$`, 'm').exec(status)?.[1] ?? '';
  return { tid: Number(field('Pid')), name: field('Name'), blocked: BigInt(`0x${field('SigBlk') || '0'}`) };
}

/**
 * The signal masks of all threads of this process.
 *
 * @throws {SystemError} where `/proc` can't be read: EMFILE, ENOENT.
 */
export function readThreadMasks(): ThreadMask[] {
  // A thread can start another one and end between listing and reading: only a list that is the same afterwards is
  // whole.
  for (let tids = threadIds(); ;) {
    const masks = tids.map(readThreadMask).filter((mask) => mask !== undefined);
    const now = threadIds();
    if (now.join() === tids.join()) return masks;
    tids = now;
  }
}

function threadIds(): string[] {
  return listProcNames('/proc/self/task');
}

function readThreadMask(tid: string): ThreadMask | undefined {
  try {
    return parseThreadMask(readProcText(`/proc/self/task/${tid}/status`));
  } catch (error) {
    // It has ended since it was listed.
    if (error instanceof SystemError && (error.code === 'ENOENT' || error.code === 'ESRCH')) return undefined;
    throw error;
  }
}
