/** Where bytes come from: their number, 0 at the end, null where it would wait. */
export type ReadInto = (into: Uint8Array) => number | null;

const mostBytes = 65_536;
// A chunk of at least half of the memory that was read into keeps it; a smaller one gets memory of its size.
const copiedBytes = mostBytes / 2;

// What no chunk has kept is read into by the next reader of the thread: an idle stream holds none.
let spare: Buffer | undefined;

/**
 * Reads what is there, into memory that is the chunk's own: it can be transferred, and kept, without a thought for
 * others.
 *
 * @param room how much is read at the most
 * @returns the bytes; an empty chunk at the end; null where it would wait
 */
export function readChunk(read: ReadInto, room: number = mostBytes): Buffer | null {
  if (room > mostBytes) return ownChunk(read, room);
  const into = (spare ??= Buffer.allocUnsafeSlow(mostBytes));
  const count = read(into);
  if (count === null) return null;
  if (count < copiedBytes) {
    // Not of Node's pool, which can't be transferred and which other buffers share.
    const own = Buffer.allocUnsafeSlow(count);
    into.copy(own, 0, 0, count);
    return own;
  }
  spare = undefined;
  return count === into.length ? into : into.subarray(0, count);
}

function ownChunk(read: ReadInto, room: number): Buffer | null {
  const into = Buffer.allocUnsafeSlow(room);
  const count = read(into);
  return count === null ? null : into.subarray(0, count);
}
