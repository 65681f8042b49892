import { int } from './argument.ts';
import { foreign } from './ffi/foreign.ts';

const call = foreign('pipe2', ['pointer', 'int']);
const ends = new Int32Array(2);

/**
 * `int pipe2(int pipefd[2], int flags)` — makes a pipe.
 *
 * @param flags 0, O_CLOEXEC, O_NONBLOCK
 * @returns [reading end, writing end], or -EINVAL, -EMFILE, -ENFILE as a negative number
 * @throws {TypeError | RangeError} when an argument is no C int
 * @see https://man7.org/linux/man-pages/man2/pipe2.2.html
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { close, O_CLOEXEC, pipe2, write } from 'epoll-ts/sys';
 *
 * const ends = pipe2(O_CLOEXEC);
 * assert.ok(typeof ends !== 'number');
 * assert.equal(write(ends[1], Buffer.from('hi')), 2);
 * for (const fd of ends) close(fd);
 * ```
 */
export function pipe2(flags: number): [reader: number, writer: number] | number {
  const result = call(ends, int(flags, 'flags'));
  return result < 0 ? result : [ends[0] as number, ends[1] as number];
}
