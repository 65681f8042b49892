import assert from 'node:assert/strict';
import { readdirSync, readlinkSync } from 'node:fs';

/** The open descriptors of this process, each with the file behind it: `'5 anon_inode:[eventfd]'`. */
export function openDescriptors(): string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return [`${fd} ${readlinkSync(`/proc/self/fd/${fd}`)}`];
    } catch {
      return []; // the descriptor of the listing itself
    }
  });
}

/** So long that only what nobody closes is open for longer. */
const goneMs = 30_000;

/**
 * Asserts that nothing is open which was not open before, for longer than a moment. A moment, as other threads open
 * files too: strace shows one of V8's in glibc's free(), which has /proc/sys/vm/overcommit_memory open in the middle of
 * a test.
 */
export function nothingLeftOpen(before: readonly string[], message = 'it is left open'): void {
  const nobody = new Int32Array(new SharedArrayBuffer(4));
  const start = performance.now();
  let left = openDescriptors().filter((line) => !before.includes(line));
  while (left.length > 0 && performance.now() - start < goneMs) {
    Atomics.wait(nobody, 0, 0, 1);
    const now = new Set(openDescriptors());
    left = left.filter((line) => now.has(line));
  }
  assert.deepEqual(left, [], message);
}
