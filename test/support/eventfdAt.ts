import assert from 'node:assert/strict';
import { close, dup3, EFD_CLOEXEC, EFD_NONBLOCK, eventfd, O_CLOEXEC } from 'epoll-ts/sys';

/**
 * Puts a new eventfd under a number; what is open there is closed by it, in the same step. Which number the kernel
 * would give is nobody's to foretell: the lowest that is free, and other threads open and close files, too (see
 * openDescriptors.ts).
 *
 * @returns the number
 */
export function eventfdAt(fd: number, initial = 0): number {
  const made = eventfd(initial, EFD_CLOEXEC | EFD_NONBLOCK);
  if (made === fd) return fd;
  assert.equal(dup3(made, fd, O_CLOEXEC), fd);
  assert.equal(close(made), 0);
  return fd;
}
