/** Where bytes come from: their number, 0 at the end, null where it would wait. */
export interface ChunkSource {
  takenRead(into: Uint8Array): number | null;
}

const mostBytes = 65_536;
// Memory of several chunks is got at once: reads of 64 KiB from loopback were fastest so, of 64 KiB to 4 MiB.
const slabBytes = 1_048_576;
// A program that keeps a small chunk must not keep a whole slab with it. Copying this much takes less than a microsecond.
const copiedBytes = 4096;

let slab: Buffer = Buffer.alloc(0);
let used = 0;
let window = slab;

/**
 * Reads what is there, 64 KiB at the most, into memory that all streams of the thread share: an idle stream holds none.
 *
 * @returns the bytes; an empty chunk at the end; null where it would wait
 */
export function readChunk(source: ChunkSource): Buffer | null {
  if (window.length === 0) window = nextWindow();
  const into = window;
  const count = source.takenRead(into);
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
