import { EAGAIN, EINTR, POLLIN, read } from '../sys/index.ts';
import { lacksNoWait, readNow } from '../sys/noWait.ts';
import { pollNow } from './pollNow.ts';
import { SystemError } from './systemError.ts';

/** What the caller can do about an answer, for the message. */
type Advise = (answer: number) => string;
type ReadOnce = (fd: number, into: Uint8Array) => number;

/**
 * Reads what a descriptor has now: the number of bytes, or null where it would wait. It does not wait on a blocking
 * descriptor either. EINTR is tried again.
 */
export function readAvailable(fd: number, into: Uint8Array, advise?: Advise): number | null {
  return available(readOnce, fd, into, advise);
}

/**
 * The same for a file that the kernel can't read without waiting, an inotify instance. Where the descriptor is
 * blocking, and somebody else reads from it at the same moment, it can wait.
 */
export function readAvailableAfterPoll(fd: number, into: Uint8Array): number | null {
  return available(readAfterPoll, fd, into);
}

function available(once: ReadOnce, fd: number, into: Uint8Array, advise?: Advise): number | null {
  for (;;) {
    const answer = once(fd, into);
    if (answer >= 0) return answer;
    if (answer === -EAGAIN) return null;
    if (answer !== -EINTR) throw new SystemError(answer, 'read', { fd }, advise?.(answer));
  }
}

/** One `read` that does not wait. @returns the number of bytes, or -errno */
export function readOnce(fd: number, into: Uint8Array): number {
  const answer = readNow(fd, into);
  return lacksNoWait(answer) ? readAfterPoll(fd, into) : answer;
}

function readAfterPoll(fd: number, into: Uint8Array): number {
  const ready = pollNow(fd, POLLIN);
  if (ready < 0) return ready;
  return ready === 0 ? -EAGAIN : read(fd, into);
}
