import { byteLengthOf, bytes, int } from './argument.ts';
import { type ControlBuffer, controlMemory } from './controlBuffer.ts';
import { addressOf, foreign } from './ffi/foreign.ts';
import { hold, iovec } from './iovec.ts';

const sendmsgCall = foreign('sendmsg', ['int', 'pointer', 'int'], 'long');
const recvmsgCall = foreign('recvmsg', ['int', 'pointer', 'int'], 'long');

/**
 * `ssize_t sendmsg(int sockfd, const struct msghdr *msg, int flags)` — sends several buffers, in order, as one, with
 * control messages; without a destination.
 *
 * @param bufs at most 1024 buffers
 * @param control from `encodeControl`, or null
 * @param flags 0, MSG_DONTWAIT, MSG_NOSIGNAL, …
 * @returns the number of bytes, or -errno as `send`; -EINVAL and -ENOBUFS for control messages that the kernel does not
 *   take, -EBADF for a descriptor of SCM_RIGHTS that is not open, -ETOOMANYREFS for too many that are on their way
 * @throws {TypeError | RangeError} when an argument does not fit its C type, or a buffer is detached
 * @see https://man7.org/linux/man-pages/man2/sendmsg.2.html
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { AF_UNIX, close, MSG_NOSIGNAL, sendmsg, SOCK_STREAM, socketpair } from 'epoll-ts/sys';
 *
 * const pair = socketpair(AF_UNIX, SOCK_STREAM, 0);
 * assert.ok(typeof pair !== 'number');
 * assert.equal(sendmsg(pair[0], [Buffer.from('one'), Buffer.from('two')], null, MSG_NOSIGNAL), 6);
 * for (const fd of pair) close(fd);
 * ```
 */
export function sendmsg(
  sockfd: number,
  bufs: readonly Uint8Array[],
  control: Uint8Array | null,
  flags: number,
): number {
  int(sockfd, 'sockfd');
  int(flags, 'flags');
  if (control !== null) bytes(control, 'control');
  const vector = iovec(bufs);
  const message = msghdr(vector, control, control === null ? 0 : byteLengthOf(control));
  const release = hold(bufs, control);
  const result = sendmsgCall(sockfd, message, flags);
  release();
  return result;
}

/**
 * `ssize_t recvmsg(int sockfd, struct msghdr *msg, int flags)` — receives into several buffers, in order, with control
 * messages; does not tell from whom.
 *
 * @param bufs at most 1024 buffers
 * @param control filled with the control messages and the message's flags; null when they are not wanted: the kernel
 *   closes descriptors that come along
 * @param flags 0, MSG_DONTWAIT, MSG_CMSG_CLOEXEC (what comes with SCM_RIGHTS is close-on-exec), MSG_PEEK, MSG_TRUNC, …
 * @returns the number of bytes, 0 when the peer has closed, or -errno as `recv`
 * @throws {TypeError | RangeError} when an argument does not fit its C type, or a buffer is detached
 * @see https://man7.org/linux/man-pages/man2/recvmsg.2.html
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { AF_UNIX, close, ControlBuffer, EAGAIN, MSG_DONTWAIT, recvmsg, SOCK_STREAM, socketpair } from 'epoll-ts/sys';
 *
 * const pair = socketpair(AF_UNIX, SOCK_STREAM, 0);
 * assert.ok(typeof pair !== 'number');
 * assert.equal(recvmsg(pair[0], [new Uint8Array(8)], new ControlBuffer(64), MSG_DONTWAIT), -EAGAIN);
 * for (const fd of pair) close(fd);
 * ```
 */
export function recvmsg(
  sockfd: number,
  bufs: readonly Uint8Array[],
  control: ControlBuffer | null,
  flags: number,
): number {
  int(sockfd, 'sockfd');
  int(flags, 'flags');
  const memory = control === null ? null : controlMemory(control);
  const vector = iovec(bufs);
  const message = msghdr(vector, memory?.bytes ?? null, memory?.bytes.byteLength ?? 0);
  const release = hold(bufs, control);
  const result = recvmsgCall(sockfd, message, flags);
  release();
  if (memory !== null && result >= 0) {
    memory.length = Number(message[controlLength]);
    memory.flags = Number(BigInt.asIntN(32, message[messageFlags] ?? 0n));
  }
  return result;
}

// struct msghdr in words of 8 bytes: msg_name, msg_namelen (4 bytes), msg_iov, msg_iovlen, msg_control, msg_controllen,
// msg_flags (4 bytes). musl declares the lengths as 4 bytes with 4 bytes of padding: the same memory, little-endian.
const words = 7;
const controlLength = 5;
const messageFlags = 6;

// The header and behind it the iovec, in one piece of memory, so that one reference keeps both.
function msghdr(vector: BigUint64Array, control: Uint8Array | null, length: number): BigUint64Array {
  const message = new BigUint64Array(words + vector.length);
  message.set(vector, words);
  message[2] = addressOf(message) + BigInt(words * 8);
  message[3] = BigInt(vector.length / 2);
  message[4] = control === null || length === 0 ? 0n : addressOf(control);
  message[controlLength] = BigInt(length);
  return message;
}
