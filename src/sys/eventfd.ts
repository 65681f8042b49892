import { int, uint, uint64 } from './argument.ts';
import { answer, FixedMemory, foreign } from './ffi/foreign.ts';
import { FixedRead } from './noWait.ts';

const create = foreign('eventfd', ['uint', 'int']);
const readCall = foreign('read', ['int', 'address', 'int'], 'int', (bound) => {
  return (fd, value, count) => answer(bound()(fd, value, count));
});
const writeCall = foreign('write', ['int', 'address', 'int'], 'int', (bound) => {
  return (fd, value, count) => answer(bound()(fd, value, count));
});

// One counter per thread for both directions: the kernel copies it before the call returns.
const counter = new BigUint64Array(1);
const counterMemory = new FixedMemory(new Uint32Array(counter.buffer));
const counterRead = new FixedRead(counterMemory);

/**
 * `int eventfd(unsigned int initval, int flags)` — makes a counter of 64 bits that can be waited for.
 *
 * @param initval the first value: 32 bits only; a larger one takes an `eventfd_write`
 * @param flags 0, EFD_CLOEXEC, EFD_NONBLOCK, EFD_SEMAPHORE
 * @returns the descriptor, or -EINVAL, -EMFILE, -ENFILE, -ENODEV, -ENOMEM
 * @throws {TypeError | RangeError} when an argument does not fit its C type
 * @see https://man7.org/linux/man-pages/man2/eventfd.2.html
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { close, EFD_NONBLOCK, EFD_SEMAPHORE, eventfd, eventfd_read } from 'epoll-ts/sys';
 *
 * const fd = eventfd(2, EFD_NONBLOCK | EFD_SEMAPHORE);
 * assert.equal(eventfd_read(fd), 1n);
 * close(fd);
 * ```
 */
export function eventfd(initval: number, flags: number): number {
  return create(uint(initval, 'initval'), int(flags, 'flags'));
}

/**
 * `int eventfd_read(int fd, eventfd_t *value)` — takes the counter (or 1 of it, with EFD_SEMAPHORE); waits while it is
 * 0 unless the descriptor is non-blocking.
 *
 * @returns the value as a bigint, or a negative number: -EAGAIN, -EBADF, -EINTR, -EINVAL
 * @throws {TypeError | RangeError} when `fd` is no C int
 * @see https://man7.org/linux/man-pages/man3/eventfd.3.html
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { close, EAGAIN, EFD_NONBLOCK, eventfd, eventfd_read } from 'epoll-ts/sys';
 *
 * const fd = eventfd(7, EFD_NONBLOCK);
 * assert.equal(eventfd_read(fd), 7n);
 * assert.equal(eventfd_read(fd), -EAGAIN);
 * close(fd);
 * ```
 */
export function eventfd_read(fd: number): bigint | number {
  const result = readCall(int(fd, 'fd'), counterMemory.address, 8);
  return result < 0 ? result : (counter[0] as bigint);
}

/** `eventfd_read` that never waits; a negative number as `readNow` answers. */
export function eventfdReadNow(fd: number): bigint | number {
  const result = counterRead.read(int(fd, 'fd'));
  return result < 0 ? result : (counter[0] as bigint);
}

/**
 * `int eventfd_write(int fd, eventfd_t value)` — adds to the counter; waits while the sum would pass 2^64 - 2 unless
 * the descriptor is non-blocking.
 *
 * @param value 0n to 2n ** 64n - 2n; the kernel answers 2n ** 64n - 1n with -EINVAL. Adding 0n succeeds and wakes
 *   nobody
 * @returns 0, or -EAGAIN, -EBADF, -EINTR, -EINVAL
 * @throws {TypeError | RangeError} when an argument does not fit its C type
 * @see https://man7.org/linux/man-pages/man3/eventfd.3.html
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { close, eventfd, eventfd_read, eventfd_write } from 'epoll-ts/sys';
 *
 * const fd = eventfd(0, 0);
 * assert.equal(eventfd_write(fd, 2n ** 64n - 2n), 0);
 * assert.equal(eventfd_read(fd), 2n ** 64n - 2n);
 * close(fd);
 * ```
 */
export function eventfd_write(fd: number, value: bigint): number {
  counter[0] = uint64(value, 'value');
  const result = writeCall(int(fd, 'fd'), counterMemory.address, 8);
  return result < 0 ? result : 0;
}
