/** Where bytes come from: their number, 0 at the end, null where it would wait. */
export type ReadInto = (into: Uint8Array) => number | null;

const mostBytes = 65_536;
// What is smaller is copied, so that a program that keeps it does not keep 64 KiB with it.
const copiedBytes = 16_384;

let spare: Uint8Array<ArrayBuffer> | undefined;

/**
 * Reads what is there, 64 KiB at the most, into memory that is the chunk's alone: to transfer it, or to keep it, touches nothing
 * else.
 *
 * @returns an empty chunk at the end; null where it would wait
 */
export function ownChunk(read: ReadInto): Uint8Array<ArrayBuffer> | null {
  const memory = (spare ??= new Uint8Array(Buffer.allocUnsafeSlow(mostBytes).buffer));
  const count = read(memory);
  if (count === null) return null;
  if (count <= copiedBytes) return memory.slice(0, count);
  spare = undefined;
  return memory.subarray(0, count);
}
