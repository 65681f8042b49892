import { byteLengthOf, bytes, describe } from './argument.ts';
import { addressOf } from './ffi/foreign.ts';

/** The most buffers of one readv or writev (IOV_MAX of linux/limits.h, UIO_MAXIOV of linux/uio.h). */
export const IOV_MAX = 1024;

/**
 * `struct iovec[]`: of each buffer the address, then the length. Keep the buffers with `hold` for the time of the call.
 *
 * @throws {TypeError | RangeError} for anything but an array of at most 1024 buffers, and for a detached one
 */
export function iovec(bufs: readonly Uint8Array[]): BigUint64Array {
  if (!Array.isArray(bufs)) {
    throw new TypeError(`Cannot use 'bufs' as it must be an array of Uint8Array: current value is ${describe(bufs)}`);
  }
  // A copy of what is there: an element's getter or a proxy could change the array, or transfer a buffer, after its
  // check.
  const list: readonly Uint8Array[] = bufs.length > IOV_MAX ? [] : [...bufs];
  const count = Math.max(bufs.length, list.length);
  if (count > IOV_MAX) {
    throw new RangeError(`Cannot use 'bufs' as it must hold at most ${IOV_MAX} buffers: current length is ${count}`);
  }
  const vector = new BigUint64Array(list.length * 2);
  list.forEach((buf, index) => {
    const length = byteLengthOf(bytes(buf, `bufs[${index}]`));
    vector[index * 2] = length === 0 ? 0n : addressOf(buf);
    vector[index * 2 + 1] = BigInt(length);
  });
  return vector;
}

const held: unknown[] = [];
const release = (): void => void (held.length = 0);

/**
 * Keeps what C knows by its address only reachable until the answer is called: optimised code drops a parameter after
 * its last use, and the conversion of a call's arguments can run the garbage collector before C runs.
 */
export function hold(...memory: readonly unknown[]): () => void {
  held.push(...memory);
  return release;
}
