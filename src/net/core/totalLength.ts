import { byteLengthOf, bytes, describe } from '../../sys/argument.ts';

/** The bytes of all buffers. @throws {TypeError} for anything but an array of Uint8Arrays. */
export function totalLength(buffers: readonly Uint8Array[], name: string): number {
  if (!Array.isArray(buffers)) {
    throw new TypeError(
      `Cannot use '${name}' as it must be an array of Uint8Array: current value is ${describe(buffers)}`,
    );
  }
  let all = 0;
  buffers.forEach((buffer: Uint8Array, index) => (all += byteLengthOf(bytes(buffer, `${name}[${index}]`))));
  return all;
}
