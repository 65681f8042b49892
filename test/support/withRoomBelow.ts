import assert from 'node:assert/strict';
import { close, EFD_CLOEXEC, eventfd } from 'epoll-ts/sys';

/**
 * Makes something while lower numbers are taken that are free afterwards: once its own number is closed, the next file
 * that any thread opens does not get it (see openDescriptors.ts).
 */
export function withRoomBelow<T>(make: () => T): T {
  const below = Array.from({ length: 4 }, () => eventfd(0, EFD_CLOEXEC));
  try {
    return make();
  } finally {
    for (const fd of below) assert.equal(close(fd), 0);
  }
}
