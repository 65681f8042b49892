import { byteLengthOf, bytesOf } from '../../sys/argument.ts';

/** What is left of the buffers after their first `count` bytes; empty ones are left out. */
export function afterBytes(buffers: readonly Uint8Array[], count: number): readonly Uint8Array[] {
  let skip = count;
  const rest: Uint8Array[] = [];
  for (const buffer of buffers) {
    const length = byteLengthOf(buffer);
    if (skip < length) rest.push(skip === 0 ? buffer : bytesOf(buffer, skip));
    skip = Math.max(0, skip - length);
  }
  return rest;
}
