import { bytes, countWithin, int } from './argument.ts';
import { foreign } from './ffi/foreign.ts';
import { hold, iovec } from './iovec.ts';

const readCall = foreign('read', ['int', 'pointer', 'ulong'], 'long');
const writeCall = foreign('write', ['int', 'pointer', 'ulong'], 'long');
const readvCall = foreign('readv', ['int', 'pointer', 'int'], 'long');
const writevCall = foreign('writev', ['int', 'pointer', 'int'], 'long');

/**
 * `ssize_t read(int fd, void *buf, size_t count)` — reads at most `count` bytes; waits for them unless the descriptor
 * is non-blocking.
 *
 * @param count at most the buffer's length, which is the default
 * @returns the number of bytes, 0 at the end of the file, or -EAGAIN, -EBADF, -EINTR, -EINVAL, -EIO, -EISDIR, …
 * @throws {TypeError | RangeError} when an argument does not fit, or the buffer is detached
 * @see https://man7.org/linux/man-pages/man2/read.2.html
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { close, O_RDONLY, open, read } from 'epoll-ts/sys';
 *
 * const fd = open('/dev/zero', O_RDONLY);
 * assert.equal(read(fd, new Uint8Array(16)), 16);
 * close(fd);
 * ```
 */
export function read(fd: number, buf: Uint8Array, count?: number): number {
  int(fd, 'fd');
  return readCall(fd, bytes(buf, 'buf'), countWithin(count, buf));
}

/**
 * `ssize_t write(int fd, const void *buf, size_t count)` — writes at most `count` bytes; waits for room unless the
 * descriptor is non-blocking.
 *
 * @param count at most the buffer's length, which is the default
 * @returns the number of bytes, which can be less than asked, or -EAGAIN, -EBADF, -EINTR, -EINVAL, -EIO, -ENOSPC,
 *   -EPIPE, … (Node ignores SIGPIPE)
 * @throws {TypeError | RangeError} when an argument does not fit, or the buffer is detached
 * @see https://man7.org/linux/man-pages/man2/write.2.html
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { close, O_WRONLY, open, write } from 'epoll-ts/sys';
 *
 * const fd = open('/dev/null', O_WRONLY);
 * assert.equal(write(fd, Buffer.from('hello')), 5);
 * close(fd);
 * ```
 */
export function write(fd: number, buf: Uint8Array, count?: number): number {
  int(fd, 'fd');
  return writeCall(fd, bytes(buf, 'buf'), countWithin(count, buf));
}

/**
 * `ssize_t readv(int fd, const struct iovec *iov, int iovcnt)` — reads into several buffers, in order.
 *
 * @param bufs at most 1024 buffers
 * @returns the number of bytes in all, 0 at the end of the file, or -errno as `read`
 * @throws {TypeError | RangeError} when an argument does not fit, or a buffer is detached
 * @see https://man7.org/linux/man-pages/man2/readv.2.html
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { close, O_RDONLY, open, readv } from 'epoll-ts/sys';
 *
 * const fd = open('/dev/zero', O_RDONLY);
 * assert.equal(readv(fd, [new Uint8Array(3), new Uint8Array(4)]), 7);
 * close(fd);
 * ```
 */
export function readv(fd: number, bufs: readonly Uint8Array[]): number {
  int(fd, 'fd');
  const vector = iovec(bufs);
  const release = hold(bufs);
  const result = readvCall(fd, vector, vector.length / 2);
  release();
  return result;
}

/**
 * `ssize_t writev(int fd, const struct iovec *iov, int iovcnt)` — writes several buffers, in order, as one.
 *
 * @param bufs at most 1024 buffers
 * @returns the number of bytes in all, which can be less than asked, or -errno as `write`
 * @throws {TypeError | RangeError} when an argument does not fit, or a buffer is detached
 * @see https://man7.org/linux/man-pages/man2/writev.2.html
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { close, O_WRONLY, open, writev } from 'epoll-ts/sys';
 *
 * const fd = open('/dev/null', O_WRONLY);
 * assert.equal(writev(fd, [Buffer.from('one'), Buffer.from('two')]), 6);
 * close(fd);
 * ```
 */
export function writev(fd: number, bufs: readonly Uint8Array[]): number {
  int(fd, 'fd');
  const vector = iovec(bufs);
  const release = hold(bufs);
  const result = writevCall(fd, vector, vector.length / 2);
  release();
  return result;
}
