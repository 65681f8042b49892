import { EINTR, pollOne } from '../sys/index.ts';

/**
 * Asks a descriptor with poll(2), without waiting.
 *
 * A signal has the call answer EINTR all the same, where nothing is ready (Linux 6.18, do_poll): it is asked again. Who
 * takes that answer for a readiness reads a blocking descriptor, and blocks.
 *
 * @returns its `revents`, 0 where nothing is so, or -errno
 */
export function pollNow(fd: number, events: number): number {
  for (;;) {
    const answer = pollOne(fd, events, 0);
    if (answer !== -EINTR) return answer;
  }
}
