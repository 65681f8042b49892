import { int } from './argument.ts';
import { foreign } from './ffi/foreign.ts';

const call = foreign('socketpair', ['int', 'int', 'int', 'pointer']);
const pair = new Int32Array(2);

/**
 * `int socketpair(int domain, int type, int protocol, int sv[2])` — makes two connected sockets.
 *
 * @param domain AF_UNIX
 * @param type SOCK_STREAM, SOCK_DGRAM or SOCK_SEQPACKET, with SOCK_CLOEXEC and SOCK_NONBLOCK
 * @returns both descriptors, or -EAFNOSUPPORT, -EMFILE, -ENFILE, -EOPNOTSUPP, -EPROTONOSUPPORT as a negative number
 * @throws {TypeError | RangeError} when an argument is no C int
 * @see https://man7.org/linux/man-pages/man2/socketpair.2.html
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { AF_UNIX, close, SOCK_CLOEXEC, SOCK_STREAM, socketpair } from 'epoll-ts/sys';
 *
 * const pair = socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
 * assert.ok(typeof pair !== 'number');
 * for (const fd of pair) close(fd);
 * ```
 */
export function socketpair(domain: number, type: number, protocol: number): [number, number] | number {
  const result = call(int(domain, 'domain'), int(type, 'type'), int(protocol, 'protocol'), pair);
  return result < 0 ? result : [pair[0] as number, pair[1] as number];
}
