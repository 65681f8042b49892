import { byteLengthOf, bytes, int } from './argument.ts';
import { foreign } from './ffi/foreign.ts';

const getCall = foreign('getsockopt', ['int', 'int', 'int', 'pointer', 'pointer']);
const setCall = foreign('setsockopt', ['int', 'int', 'int', 'pointer', 'uint']);
const length = new Uint32Array(1);
const integer = new Int32Array(1);

/**
 * `int getsockopt(int sockfd, int level, int optname, void *optval, socklen_t *optlen)` — reads a socket option.
 *
 * @param optval filled with the value; most options are an int of 4 bytes
 * @returns the number of bytes that the kernel wrote, or -EBADF, -EINVAL, -ENOPROTOOPT, -ENOTSOCK
 * @throws {TypeError | RangeError} when an argument does not fit its C type, or the buffer is detached
 * @see https://man7.org/linux/man-pages/man2/getsockopt.2.html
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { AF_INET, close, getsockopt, SO_TYPE, SOCK_STREAM, socket, SOL_SOCKET } from 'epoll-ts/sys';
 *
 * const fd = socket(AF_INET, SOCK_STREAM, 0);
 * const value = Buffer.alloc(4);
 * assert.equal(getsockopt(fd, SOL_SOCKET, SO_TYPE, value), 4);
 * assert.equal(value.readInt32LE(0), SOCK_STREAM);
 * close(fd);
 * ```
 */
export function getsockopt(sockfd: number, level: number, optname: number, optval: Uint8Array): number {
  int(sockfd, 'sockfd');
  length[0] = byteLengthOf(bytes(optval, 'optval'));
  const result = getCall(sockfd, int(level, 'level'), int(optname, 'optname'), optval, length);
  return result < 0 ? result : (length[0] ?? 0);
}

/**
 * `int setsockopt(int sockfd, int level, int optname, const void *optval, socklen_t optlen)` — changes a socket option.
 *
 * @param optval an int, or the bytes of a struct
 * @returns 0, or -EBADF, -EDOM, -EINVAL, -ENOPROTOOPT, -ENOTSOCK, -EPERM
 * @throws {TypeError | RangeError} when an argument does not fit its C type, or the buffer is detached
 * @see https://man7.org/linux/man-pages/man2/setsockopt.2.html
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { AF_INET, close, setsockopt, SO_REUSEADDR, SOCK_STREAM, socket, SOL_SOCKET } from 'epoll-ts/sys';
 *
 * const fd = socket(AF_INET, SOCK_STREAM, 0);
 * assert.equal(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, 1), 0);
 * close(fd);
 * ```
 */
export function setsockopt(sockfd: number, level: number, optname: number, optval: number | Uint8Array): number {
  int(sockfd, 'sockfd');
  int(level, 'level');
  int(optname, 'optname');
  if (typeof optval === 'number') {
    integer[0] = int(optval, 'optval');
    return setCall(sockfd, level, optname, integer, 4);
  }
  return setCall(sockfd, level, optname, bytes(optval, 'optval'), byteLengthOf(optval));
}
