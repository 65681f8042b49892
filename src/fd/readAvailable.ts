import { EAGAIN, EINTR, read } from '../sys/index.ts';
import { SystemError } from './systemError.ts';

/**
 * Reads what a non-blocking descriptor has now: the number of bytes, or null where it would wait. EINTR is tried again.
 *
 * @param advise what the caller can do about an answer, for the message
 */
export function readAvailable(fd: number, into: Uint8Array, advise?: (answer: number) => string): number | null {
  for (;;) {
    const answer = read(fd, into);
    if (answer >= 0) return answer;
    if (answer === -EAGAIN) return null;
    if (answer !== -EINTR) throw new SystemError(answer, 'read', { fd }, advise?.(answer));
  }
}
