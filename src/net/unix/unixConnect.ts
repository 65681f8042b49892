import { setTimeout as delay } from 'node:timers/promises';
import { SystemError } from '../../fd/systemError.ts';
import { AF_UNIX, connect, EACCES, EAGAIN, ECONNREFUSED, EINTR, ENOENT, EPROTOTYPE } from '../../sys/index.ts';
import { type UnixPath, unixSockaddr, unixSubject, type UnixType, unixTypeNumber } from '../address/unixAddress.ts';
import { type OperationName, withDeadline } from '../core/deadline.ts';
import { around, newSocket } from '../core/madeSocket.ts';
import type { UnixConnectOptions } from './unixOptions.ts';

const firstPauseMs = 1;
const longestPauseMs = 50;

/**
 * Connects a new unix socket, and makes the object that owns it. Where the listener's queue is full the kernel answers
 * EAGAIN, and no event ever tells of room (unix(7)): so it is asked again, after 1 ms, then 2, and at last every 50 ms.
 *
 * @param options as the reader gives them
 * @throws (as a rejection) {SystemError} with the path; the signal's reason, or a TimeoutError; nothing is left open
 */
export function connectUnix<S extends { close(): void }>(
  { path, type = 'stream', ...limits }: UnixConnectOptions,
  make: (fd: number, type: UnixType, path: UnixPath) => S,
): Promise<S> {
  const name = (): OperationName => ({ syscall: 'connect', subject: unixSubject(path) });
  return withDeadline(limits, name, async (signal) => {
    const fd = newSocket(AF_UNIX, unixTypeNumber(type));
    const made = around(fd, () => make(fd, type, path));
    try {
      await connectEnd(fd, path, signal);
      return made;
    } catch (error) {
      made.close();
      throw error;
    }
  });
}

async function connectEnd(fd: number, path: UnixPath, signal: AbortSignal | undefined): Promise<void> {
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
