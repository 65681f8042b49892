import { setTimeout as delay } from 'node:timers/promises';
import { SystemError } from '../../fd/systemError.ts';
import { connect, EACCES, EAGAIN, ECONNREFUSED, EINTR, ENOENT, EPROTOTYPE } from '../../sys/index.ts';
import { type UnixPath, unixSockaddr, unixSubject } from '../address/unixAddress.ts';

const firstPauseMs = 1;
const longestPauseMs = 50;

/**
 * Connects a non-blocking unix socket. Where the listener's queue is full the kernel answers EAGAIN, and no event ever tells of
 * room (unix(7)): so it is asked again, after 1 ms, then 2, and at last every 50 ms.
 *
 * @throws (as a rejection) {SystemError} with the path; the signal's reason
 */
export async function connectUnix(fd: number, path: UnixPath, signal: AbortSignal | undefined): Promise<void> {
  const address = unixSockaddr(path);
  for (let pauseMs = firstPauseMs; ;) {
    const answer = connect(fd, address);
    if (answer >= 0) return;
    if (answer === -EINTR) continue;
    if (answer !== -EAGAIN) throw new SystemError(answer, 'connect', { fd, ...unixSubject(path) }, advice(answer));
    await pause(pauseMs, signal);
    pauseMs = Math.min(pauseMs * 2, longestPauseMs);
  }
}

async function pause(pauseMs: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await delay(pauseMs, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    // The timer's own AbortError is not what the caller gave as the reason.
    signal?.throwIfAborted();
    throw error;
  }
}

function advice(answer: number): string {
  switch (-answer) {
    case ENOENT:
      return 'there is no such socket file';
    case ECONNREFUSED:
      return 'nobody listens there: the program that made it has ended, or it is no socket';
    case EACCES:
      return 'connecting takes write permission on the socket file, and search permission on its directories';
    case EPROTOTYPE:
      return "it is a unix socket of another type: 'stream' and 'seqpacket' do not mix";
    default:
      return '';
  }
}
