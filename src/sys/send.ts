import { byteLengthOf, bytes, countWithin, int } from './argument.ts';
import { answer, foreign } from './ffi/foreign.ts';
import { addressOfSame } from './sameView.ts';
import { type SockaddrBuffer, sockaddrMemory } from './sockaddr.ts';

const recvCall = foreign('recv', ['int', 'pointer', 'ulong', 'int'], 'long', (bound) => {
  return (sockfd, buf, len, flags) => answer(bound()(sockfd, buf, len, flags));
});
const recvAt = foreign('recv', ['int', 'address', 'ulong', 'int'], 'long', (bound) => {
  return (sockfd, buf, len, flags) => answer(bound()(sockfd, buf, len, flags));
});
const sendCall = foreign('send', ['int', 'pointer', 'ulong', 'int'], 'long', (bound) => {
  return (sockfd, buf, len, flags) => answer(bound()(sockfd, buf, len, flags));
});
const sendAt = foreign('send', ['int', 'address', 'ulong', 'int'], 'long', (bound) => {
  return (sockfd, buf, len, flags) => answer(bound()(sockfd, buf, len, flags));
});
const recvfromCall = foreign('recvfrom', ['int', 'pointer', 'ulong', 'int', 'pointer', 'pointer'], 'long');
const sendtoCall = foreign('sendto', ['int', 'pointer', 'ulong', 'int', 'pointer', 'uint'], 'long');

/**
 * `ssize_t recv(int sockfd, void *buf, size_t len, int flags)` — receives from a connected socket.
 *
 * @param flags 0, MSG_DONTWAIT, MSG_PEEK, MSG_OOB, MSG_TRUNC, …
 * @param len at most the buffer's length, which is the default
 * @returns the number of bytes, 0 when the peer has closed, or -EAGAIN, -EBADF, -ECONNREFUSED, -ECONNRESET, -EINTR,
 *   -ENOTCONN, …
 * @throws {TypeError | RangeError} when an argument does not fit its C type, or the buffer is detached
 * @see https://man7.org/linux/man-pages/man2/recv.2.html
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { AF_UNIX, close, EAGAIN, MSG_DONTWAIT, recv, SOCK_STREAM, socketpair } from 'epoll-ts/sys';
 *
 * const pair = socketpair(AF_UNIX, SOCK_STREAM, 0);
 * assert.ok(typeof pair !== 'number');
 * assert.equal(recv(pair[0], new Uint8Array(8), MSG_DONTWAIT), -EAGAIN);
 * for (const fd of pair) close(fd);
 * ```
 */
export function recv(sockfd: number, buf: Uint8Array, flags: number, len?: number): number {
  int(sockfd, 'sockfd');
  int(flags, 'flags');
  bytes(buf, 'buf');
  const length = countWithin(len, buf, 'len');
  const address = length === 0 ? 0 : addressOfSame(buf);
  return address === 0 ? recvCall(sockfd, buf, length, flags) : recvAt(sockfd, address, length, flags);
}

/**
 * `ssize_t send(int sockfd, const void *buf, size_t len, int flags)` — sends on a connected socket.
 *
 * @param flags 0, MSG_DONTWAIT, MSG_NOSIGNAL, MSG_OOB, …
 * @param len at most the buffer's length, which is the default
 * @returns the number of bytes, which can be less than asked, or -EAGAIN, -EBADF, -ECONNRESET, -EINTR, -EMSGSIZE,
 *   -ENOTCONN, -EPIPE, …
 * @throws {TypeError | RangeError} when an argument does not fit its C type, or the buffer is detached
 * @see https://man7.org/linux/man-pages/man2/send.2.html
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { AF_UNIX, close, MSG_NOSIGNAL, send, SOCK_STREAM, socketpair } from 'epoll-ts/sys';
 *
 * const pair = socketpair(AF_UNIX, SOCK_STREAM, 0);
 * assert.ok(typeof pair !== 'number');
 * assert.equal(send(pair[0], Buffer.from('hello'), MSG_NOSIGNAL), 5);
 * for (const fd of pair) close(fd);
 * ```
 */
export function send(sockfd: number, buf: Uint8Array, flags: number, len?: number): number {
  int(sockfd, 'sockfd');
  int(flags, 'flags');
  bytes(buf, 'buf');
  const length = countWithin(len, buf, 'len');
  const address = length === 0 ? 0 : addressOfSame(buf);
  return address === 0 ? sendCall(sockfd, buf, length, flags) : sendAt(sockfd, address, length, flags);
}

/**
 * `ssize_t recvfrom(int sockfd, void *buf, size_t len, int flags, struct sockaddr *src_addr, socklen_t *addrlen)` —
 * receives, and tells from whom.
 *
 * @param from filled with the sender's address; null when it is not wanted
 * @returns the number of bytes, or -errno as `recv`
 * @throws {TypeError | RangeError} when an argument does not fit its C type, or the buffer is detached
 * @see https://man7.org/linux/man-pages/man2/recvfrom.2.html
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { EBADF, recvfrom } from 'epoll-ts/sys';
 *
 * assert.equal(recvfrom(-1, new Uint8Array(8), 0, null), -EBADF);
 * ```
 */
export function recvfrom(sockfd: number, buf: Uint8Array, flags: number, from: SockaddrBuffer | null): number {
  int(sockfd, 'sockfd');
  bytes(buf, 'buf');
  const memory = from === null ? null : sockaddrMemory(from);
  const length = byteLengthOf(buf);
  return recvfromCall(sockfd, buf, length, int(flags, 'flags'), memory?.bytes ?? null, memory?.length ?? null);
}

/**
 * `ssize_t sendto(int sockfd, const void *buf, size_t len, int flags, const struct sockaddr *addr, socklen_t addrlen)`
 * — sends to an address.
 *
 * @param addr from `encodeSockaddr`
 * @returns the number of bytes, or -errno as `send`
 * @throws {TypeError | RangeError} when an argument does not fit its C type, or the buffer is detached
 * @see https://man7.org/linux/man-pages/man2/sendto.2.html
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { AF_INET, EBADF, encodeSockaddr, sendto } from 'epoll-ts/sys';
 *
 * const to = encodeSockaddr({ family: AF_INET, address: '127.0.0.1', port: 9 });
 * assert.equal(sendto(-1, Buffer.from('x'), 0, to), -EBADF);
 * ```
 */
export function sendto(sockfd: number, buf: Uint8Array, flags: number, addr: Uint8Array): number {
  int(sockfd, 'sockfd');
  bytes(buf, 'buf');
  bytes(addr, 'addr');
  return sendtoCall(sockfd, buf, byteLengthOf(buf), int(flags, 'flags'), addr, byteLengthOf(addr));
}
