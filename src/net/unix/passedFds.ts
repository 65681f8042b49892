import { SystemError } from '../../fd/systemError.ts';
import { describe } from '../../sys/argument.ts';
import { type FdLike, fdOf } from '../../fd/fdLike.ts';
import {
  close,
  ControlBuffer,
  type ControlMessage,
  EMFILE,
  encodeControl,
  MSG_CMSG_CLOEXEC,
  MSG_CTRUNC,
  MSG_PEEK,
  recvmsg,
  SCM_MAX_FD,
  SCM_RIGHTS,
  SOL_SOCKET,
} from '../../sys/index.ts';

// Room for the most that one message can carry, so that a full descriptor table is the only reason for MSG_CTRUNC.
const control = new ControlBuffer(16 + SCM_MAX_FD * 4 + 4);
const none = new ControlBuffer(0);

/**
 * The control message that carries descriptors.
 *
 * @throws {TypeError | RangeError} for anything but 1 to 253 descriptors
 */
export function rightsMessage(fds: readonly FdLike[]): Uint8Array {
  if (!Array.isArray(fds)) {
    throw new TypeError(`Cannot use 'fds' as it must be an array of descriptors: current value is ${describe(fds)}`);
  }
  if (fds.length === 0 || fds.length > SCM_MAX_FD) {
    throw new RangeError(
      `Cannot use 'fds' as it must hold 1 to ${SCM_MAX_FD} descriptors: current length is ${fds.length}`,
    );
  }
  const numbers = Int32Array.from(fds as readonly FdLike[], (fd, index) => fdOf(fd, `fds[${index}]`));
  return encodeControl([{ level: SOL_SOCKET, type: SCM_RIGHTS, data: new Uint8Array(numbers.buffer) }]);
}

/** What was received: the number of bytes, or -errno, and the descriptors, which are open now. */
export interface Passed {
  readonly answer: number;
  readonly fds: readonly number[];
}

/**
 * Receives bytes, and the descriptors that came with them.
 *
 * It looks first: a peek opens the descriptors and leaves everything where it is. Where there is no room for all of them, those
 * that were opened are closed again, and nothing is lost. Then exactly the bytes that were seen are taken, without the
 * descriptors, which the kernel drops on its side: more bytes could bring descriptors that nobody has seen.
 *
 * @throws {SystemError} EMFILE when not all descriptors could be opened: everything is still there
 * @throws {Error} when someone else reads from the same socket at the same time
 */
export function receivePassed(fd: number, into: Uint8Array): Passed {
  const seen = recvmsg(fd, [into], control, MSG_PEEK | MSG_CMSG_CLOEXEC);
  if (seen < 0) return { answer: seen, fds: [] };
  const fds = control.messages().flatMap(descriptorsOf);
  try {
    if ((control.flags & MSG_CTRUNC) !== 0) throw new SystemError(-EMFILE, 'recvmsg', { fd }, noRoom);
    const taken = recvmsg(fd, [into.subarray(0, seen)], none, 0);
    // Now there was no room for descriptors, so the flag tells whether some came with these very bytes: a peek that is full
    // exactly at the end of one sending shows those of the next one too (Linux 6.18, unix_stream_read_generic).
    const came = (none.flags & MSG_CTRUNC) !== 0;
    if ((taken >= 0 && taken !== seen) || (came && fds.length === 0)) {
      throw new Error(`Cannot receive from fd ${fd} as it must have one reader: someone else read from it`);
    }
    return taken >= 0 && came ? { answer: taken, fds } : { answer: closeAll(fds, taken), fds: [] };
  } catch (error) {
    closeAll(fds, 0);
    throw error;
  }
}

const noRoom =
  'not all descriptors that came could be opened, as this process has reached its limit of open files (ulimit -n) or a security module refuses them; nothing was taken: close some, and receive again';

function descriptorsOf({ level, type, data }: ControlMessage): number[] {
  if (level !== SOL_SOCKET || type !== SCM_RIGHTS) return [];
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  return Array.from({ length: data.byteLength >> 2 }, (_, index) => view.getInt32(index * 4, true));
}

function closeAll(fds: readonly number[], answer: number): number {
  for (const fd of fds) close(fd);
  return answer;
}
