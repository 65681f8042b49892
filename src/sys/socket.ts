import { byteLengthOf, bytes, int } from './argument.ts';
import { answer, foreign } from './ffi/foreign.ts';
import { type SockaddrBuffer, sockaddrMemory } from './sockaddr.ts';

const socketCall = foreign('socket', ['int', 'int', 'int']);
const bindCall = foreign('bind', ['int', 'pointer', 'uint']);
const connectCall = foreign('connect', ['int', 'pointer', 'uint']);
const listenCall = foreign('listen', ['int', 'int']);
const accept4Call = foreign('accept4', ['int', 'pointer', 'pointer', 'int'], 'int', (bound) => {
  return (sockfd, addr, addrlen, flags) => answer(bound()(sockfd, addr, addrlen, flags));
});
const shutdownCall = foreign('shutdown', ['int', 'int']);
const getsocknameCall = foreign('getsockname', ['int', 'pointer', 'pointer']);
const getpeernameCall = foreign('getpeername', ['int', 'pointer', 'pointer']);

/**
 * `int socket(int domain, int type, int protocol)` — makes a socket.
 *
 * @param domain AF_INET, AF_INET6, AF_UNIX, …
 * @param type SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET, with SOCK_CLOEXEC and SOCK_NONBLOCK
 * @returns the descriptor, or -EACCES, -EAFNOSUPPORT, -EINVAL, -EMFILE, -ENFILE, -EPROTONOSUPPORT
 * @throws {TypeError | RangeError} when an argument is no C int
 * @see https://man7.org/linux/man-pages/man2/socket.2.html
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { AF_INET, close, SOCK_CLOEXEC, SOCK_STREAM, socket } from 'epoll-ts/sys';
 *
 * const fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
 * assert.ok(fd >= 0);
 * close(fd);
 * ```
 */
export function socket(domain: number, type: number, protocol: number): number {
  return socketCall(int(domain, 'domain'), int(type, 'type'), int(protocol, 'protocol'));
}

/**
 * `int bind(int sockfd, const struct sockaddr *addr, socklen_t addrlen)` — gives a socket its local address.
 *
 * @param addr from `encodeSockaddr`
 * @returns 0, or -EACCES, -EADDRINUSE, -EADDRNOTAVAIL, -EBADF, -EINVAL, -ENOTSOCK, …
 * @throws {TypeError | RangeError} when an argument does not fit its C type
 * @see https://man7.org/linux/man-pages/man2/bind.2.html
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { AF_INET, bind, close, encodeSockaddr, SOCK_STREAM, socket } from 'epoll-ts/sys';
 *
 * const fd = socket(AF_INET, SOCK_STREAM, 0);
 * assert.equal(bind(fd, encodeSockaddr({ family: AF_INET, address: '127.0.0.1', port: 0 })), 0);
 * close(fd);
 * ```
 */
export function bind(sockfd: number, addr: Uint8Array): number {
  int(sockfd, 'sockfd');
  return bindCall(sockfd, bytes(addr, 'addr'), byteLengthOf(addr));
}

/**
 * `int connect(int sockfd, const struct sockaddr *addr, socklen_t addrlen)` — connects; a non-blocking socket answers
 * -EINPROGRESS, becomes writable when done, and SO_ERROR tells how it ended.
 *
 * @param addr from `encodeSockaddr`
 * @returns 0, or -EINPROGRESS, -EALREADY, -EBADF, -ECONNREFUSED, -EINTR, -EISCONN, -ENETUNREACH, -ETIMEDOUT, …
 * @throws {TypeError | RangeError} when an argument does not fit its C type
 * @see https://man7.org/linux/man-pages/man2/connect.2.html
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { AF_UNIX, close, connect, ENOENT, encodeSockaddr, SOCK_STREAM, socket } from 'epoll-ts/sys';
 *
 * const fd = socket(AF_UNIX, SOCK_STREAM, 0);
 * assert.equal(connect(fd, encodeSockaddr({ family: AF_UNIX, path: '/no/such/socket' })), -ENOENT);
 * close(fd);
 * ```
 */
export function connect(sockfd: number, addr: Uint8Array): number {
  int(sockfd, 'sockfd');
  return connectCall(sockfd, bytes(addr, 'addr'), byteLengthOf(addr));
}

/**
 * `int listen(int sockfd, int backlog)` — makes a bound socket accept connections.
 *
 * @param backlog how many may wait to be accepted; the kernel lowers it to net.core.somaxconn
 * @returns 0, or -EADDRINUSE, -EBADF, -EINVAL, -ENOTSOCK, -EOPNOTSUPP
 * @throws {TypeError | RangeError} when an argument is no C int
 * @see https://man7.org/linux/man-pages/man2/listen.2.html
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { EBADF, listen } from 'epoll-ts/sys';
 *
 * assert.equal(listen(-1, 128), -EBADF);
 * ```
 */
export function listen(sockfd: number, backlog: number): number {
  return listenCall(int(sockfd, 'sockfd'), int(backlog, 'backlog'));
}

/**
 * `int accept4(int sockfd, struct sockaddr *addr, socklen_t *addrlen, int flags)` — takes a connection.
 *
 * @param addr filled with the peer's address; null when it is not wanted
 * @param flags SOCK_CLOEXEC, SOCK_NONBLOCK: neither is inherited from the listener
 * @returns the descriptor, or -EAGAIN, -EBADF, -ECONNABORTED, -EINTR, -EINVAL, -EMFILE, -ENFILE, -ENOTSOCK, -EPERM, …
 * @throws {TypeError | RangeError} when an argument does not fit its C type
 * @see https://man7.org/linux/man-pages/man2/accept4.2.html
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { accept4, EBADF, SOCK_CLOEXEC } from 'epoll-ts/sys';
 *
 * assert.equal(accept4(-1, null, SOCK_CLOEXEC), -EBADF);
 * ```
 */
export function accept4(sockfd: number, addr: SockaddrBuffer | null, flags: number): number {
  const memory = addr === null ? null : sockaddrMemory(addr);
  return accept4Call(int(sockfd, 'sockfd'), memory?.bytes ?? null, memory?.length ?? null, int(flags, 'flags'));
}

/**
 * `int shutdown(int sockfd, int how)` — ends one or both directions of a connection, for every duplicate of the
 * descriptor.
 *
 * @param how SHUT_RD, SHUT_WR or SHUT_RDWR
 * @returns 0, or -EBADF, -EINVAL, -ENOTCONN, -ENOTSOCK
 * @throws {TypeError | RangeError} when an argument is no C int
 * @see https://man7.org/linux/man-pages/man2/shutdown.2.html
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { AF_UNIX, close, read, SHUT_WR, shutdown, SOCK_STREAM, socketpair } from 'epoll-ts/sys';
 *
 * const pair = socketpair(AF_UNIX, SOCK_STREAM, 0);
 * assert.ok(typeof pair !== 'number');
 * assert.equal(shutdown(pair[0], SHUT_WR), 0);
 * assert.equal(read(pair[1], new Uint8Array(1)), 0);
 * for (const fd of pair) close(fd);
 * ```
 */
export function shutdown(sockfd: number, how: number): number {
  return shutdownCall(int(sockfd, 'sockfd'), int(how, 'how'));
}

/**
 * `int getsockname(int sockfd, struct sockaddr *addr, socklen_t *addrlen)` — the socket's own address.
 *
 * @param addr filled with the address
 * @returns 0, or -EBADF, -ENOBUFS, -ENOTSOCK
 * @throws {TypeError | RangeError} when an argument does not fit its C type
 * @see https://man7.org/linux/man-pages/man2/getsockname.2.html
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { EBADF, getsockname, SockaddrBuffer } from 'epoll-ts/sys';
 *
 * assert.equal(getsockname(-1, new SockaddrBuffer()), -EBADF);
 * ```
 */
export function getsockname(sockfd: number, addr: SockaddrBuffer): number {
  const { bytes: memory, length } = sockaddrMemory(addr);
  return getsocknameCall(int(sockfd, 'sockfd'), memory, length);
}

/**
 * `int getpeername(int sockfd, struct sockaddr *addr, socklen_t *addrlen)` — the address of the other end.
 *
 * @param addr filled with the address
 * @returns 0, or -EBADF, -ENOBUFS, -ENOTCONN, -ENOTSOCK
 * @throws {TypeError | RangeError} when an argument does not fit its C type
 * @see https://man7.org/linux/man-pages/man2/getpeername.2.html
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { AF_INET, close, ENOTCONN, getpeername, SOCK_STREAM, SockaddrBuffer, socket } from 'epoll-ts/sys';
 *
 * const fd = socket(AF_INET, SOCK_STREAM, 0);
 * assert.equal(getpeername(fd, new SockaddrBuffer()), -ENOTCONN);
 * close(fd);
 * ```
 */
export function getpeername(sockfd: number, addr: SockaddrBuffer): number {
  const { bytes: memory, length } = sockaddrMemory(addr);
  return getpeernameCall(int(sockfd, 'sockfd'), memory, length);
}
