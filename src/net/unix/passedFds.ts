import { SystemError } from '../../fd/systemError.ts';
import { byteLengthOf, bytes, bytesOf, describe } from '../../sys/argument.ts';
import { type FdLike, fdOf } from '../../fd/fdLike.ts';
import {
  close,
  ControlBuffer,
  type ControlMessage,
  EBADF,
  EINTR,
  EMFILE,
  encodeControl,
  ETOOMANYREFS,
  MSG_CMSG_CLOEXEC,
  MSG_CTRUNC,
  MSG_DONTWAIT,
  MSG_NOSIGNAL,
  MSG_PEEK,
  recvmsg,
  SCM_MAX_FD,
  SCM_PIDFD,
  SCM_RIGHTS,
  sendmsg,
  SOL_SOCKET,
} from '../../sys/index.ts';

// Room for all that can come beside one message: 253 descriptors, credentials, a security label, timestamps, a pidfd.
// So a full descriptor table, or a security module, is the only reason for MSG_CTRUNC at a peek.
const everything = new ControlBuffer(16 * 1024);
// Too small for a header, and yet not nothing: without any memory the kernel sets MSG_CTRUNC as soon as credentials, a
// security label or pidfds are switched on for the socket (Linux 6.18, __scm_recv_common).
const noHeader = 8;
const nothing = new ControlBuffer(noHeader);

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
 * Receives bytes, and the descriptors that came with them. Other control messages, which a program can switch on for
 * its socket (SO_PASSCRED, SO_PASSPIDFD, SO_TIMESTAMP), are left out, and their descriptors closed.
 *
 * It looks first: a peek opens the descriptors and leaves everything where it is. Where there is no room for all of
 * them, those that were opened are closed again, and nothing is lost. Then exactly the bytes that were seen are taken,
 * without the descriptors, which the kernel drops on its side: more bytes could bring descriptors that nobody has seen.
 *
 * @throws {SystemError} EMFILE when not all descriptors could be opened: everything is still there
 * @throws {Error} when someone else reads from the same socket at the same time
 */
export function receivePassed(fd: number, into: Uint8Array): Passed {
  const seen = recvmsg(fd, [into], everything, MSG_PEEK | MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
  if (seen < 0) return { answer: seen, fds: [] };
  const messages = everything.messages();
  const fds = messages.filter(isRights).flatMap(descriptorsOf);
  const others = messages.filter((message) => !isRights(message));
  closeAll(others.filter(isPidfd).flatMap(descriptorsOf));
  try {
    if ((everything.flags & MSG_CTRUNC) !== 0) throw new SystemError(-EMFILE, 'recvmsg', { fd }, noRoom);
    const { taken, came } = take(fd, bytesOf(into, 0, seen), others);
    if ((taken >= 0 && taken !== seen) || (came && fds.length === 0)) {
      throw new Error(`Cannot receive from fd ${fd} as it must have one reader: someone else read from it`);
    }
    if (taken >= 0 && came) return { answer: taken, fds };
    closeAll(fds);
    return { answer: taken, fds: [] };
  } catch (error) {
    closeAll(fds);
    throw error;
  }
}

// There is room for the other messages, and for no descriptors besides: they are cut off, and MSG_CTRUNC tells that
// some came with these very bytes. A peek that is full exactly at the end of one sending shows those of the next one
// too (Linux 6.18, unix_stream_read_generic). The kernel puts a pidfd behind the descriptors, so that some of them may
// get its place.
function take(
  fd: number,
  into: Uint8Array,
  others: readonly ControlMessage[],
): { readonly taken: number; readonly came: boolean } {
  const control = others.length === 0 ? nothing : new ControlBuffer(encodeControl(others).byteLength + noHeader);
  const taken = recvmsg(fd, [into], control, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
  const messages = control.messages();
  closeAll(messages.filter((message) => isRights(message) || isPidfd(message)).flatMap(descriptorsOf));
  return { taken, came: (control.flags & MSG_CTRUNC) !== 0 || messages.some(isRights) };
}

const noRoom =
  'not all descriptors that came could be opened, as this process has reached its limit of open files (ulimit -n) or ' +
  'a security module refuses them; nothing was taken: close some, and receive again';

function isRights({ level, type }: ControlMessage): boolean {
  return level === SOL_SOCKET && type === SCM_RIGHTS;
}

function isPidfd({ level, type }: ControlMessage): boolean {
  return level === SOL_SOCKET && type === SCM_PIDFD;
}

function descriptorsOf({ data }: ControlMessage): number[] {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  return Array.from({ length: data.byteLength >> 2 }, (_, index) => view.getInt32(index * 4, true));
}

function closeAll(fds: readonly number[]): void {
  // A pidfd that could not be opened is -errno.
  for (const fd of fds) if (fd >= 0) close(fd);
}

/** @throws {TypeError | RangeError} for no memory, or none with room */
export function checkRoom(into: Uint8Array): void {
  if (byteLengthOf(bytes(into, 'into')) > 0) return;
  throw new RangeError("Cannot use 'into' as it must have room for a byte: current length is 0");
}

/** @throws {TypeError | RangeError} for no data: descriptors travel with the first byte */
export function checkSome(data: Uint8Array): void {
  if (byteLengthOf(bytes(data, 'data')) > 0) return;
  throw new RangeError("Cannot send descriptors as 'data' must have at least one byte, which they travel with");
}

/** Sends bytes with a control message, again after a signal. @returns how many, or -errno */
export function sendPassed(fd: number, data: Uint8Array, rights: Uint8Array): number {
  for (;;) {
    const answer = sendmsg(fd, [data], rights, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (answer !== -EINTR) return answer;
  }
}

/** What can be done where the kernel refuses to send the descriptors; undefined where it has not refused those. */
export function rightsAdvice(answer: number): string | undefined {
  switch (-answer) {
    case EBADF:
      return 'a descriptor among those to be sent is not open';
    case ETOOMANYREFS:
      return (
        'too many descriptors are on their way and not received yet: ' +
        'their number is limited as that of open files (ulimit -n)'
      );
    default:
      return undefined;
  }
}
