/** Where bytes come from: their number, 0 at the end, null where it would wait. */
export type ReadInto = (into: Uint8Array) => number | null;

const mostBytes = 65_536;
// Memory of a few chunks is got at once. Larger slabs were no faster (64 KiB to 4 MiB, loopback), and one chunk keeps all of its.
const slabBytes = 262_144;
// A program that keeps a small chunk must not keep a whole slab with it.
const copiedBytes = 4096;

let slab: Buffer = Buffer.alloc(0);
let used = 0;
let window = slab;

/**
 * Reads what is there, 64 KiB at the most, into memory that all streams of the thread share: an idle stream holds none.
 *
 * @returns the bytes; an empty chunk at the end; null where it would wait
 */
export function readChunk(read: ReadInto): Buffer | null {
  if (window.length === 0) window = nextWindow();
  const into = window;
  const count = read(into);
  if (count === null) return null;
  if (count <= copiedBytes) return Buffer.from(into.subarray(0, count));
  used += count;
  window = nextWindow();
  return count === into.length ? into : into.subarray(0, count);
}

function nextWindow(): Buffer {
  if (slab.length - used < mostBytes) {
    slab = Buffer.allocUnsafeSlow(slabBytes);
    used = 0;
  }
  return slab.subarray(used, used + mostBytes);
}
