import { byteLengthOf, bytes, int, mask } from './argument.ts';
import { foreign } from './ffi/foreign.ts';

const call = foreign('ioctl', ['int', 'ulong', 'pointer']);

// The size that a request carries in bits 16 to 29 can't be trusted: old requests carry none (TIOCGSERIAL fills 72
// bytes, HDIO_GET_IDENTITY 512, GIO_FONT 8192), and TUNSETIFF carries 4 and fills 40. This is more than any request can
// carry, and than any that is known fills.
const room = new Uint8Array(0x4000);

/**
 * `int ioctl(int fd, unsigned long op, void *argp)` — a request of its own kind to a device or file.
 *
 * The argument is memory, which the kernel reads or fills as the request says; requests whose argument is a plain
 * number are not offered. Memory below 16 KiB is copied through a larger one, so that the kernel never writes beyond
 * it.
 *
 * @param op the request: FIONREAD, TIOCOUTQ, EPIOCSPARAMS, …
 * @returns what the request answers, mostly 0, or -EBADF, -EFAULT, -EINVAL, -ENOTTY, …
 * @throws {TypeError | RangeError} when an argument does not fit its C type, or the buffer is detached
 * @see https://man7.org/linux/man-pages/man2/ioctl.2.html
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { close, FIONREAD, ioctl, pipe2, write } from 'epoll-ts/sys';
 *
 * const ends = pipe2(0);
 * assert.ok(typeof ends !== 'number');
 * write(ends[1], Buffer.from('hello'));
 * const answer = Buffer.alloc(4);
 * assert.equal(ioctl(ends[0], FIONREAD, answer), 0);
 * assert.equal(answer.readInt32LE(0), 5);
 * for (const fd of ends) close(fd);
 * ```
 */
export function ioctl(fd: number, op: number, argp: Uint8Array): number {
  int(fd, 'fd');
  const request = mask(op, 'op');
  const target = bytes(argp, 'argp');
  const length = byteLengthOf(target);
  if (length >= room.byteLength) return call(fd, request, target);
  room.fill(0);
  room.set(target);
  const result = call(fd, request, room);
  target.set(room.subarray(0, length));
  return result;
}
