import { bufferLengthOf } from './argument.ts';
import { addressNumberOf } from './ffi/foreign.ts';

// Held strongly: the address is good while the memory is there. One view per thread, until another one is used.
let last: Uint8Array | undefined;
let address = 0;
// It may outlive its program's use, so it must be small; where more is copied, 45 ns are nothing.
const mostKept = 65_536;

/**
 * The address of the memory of a view that is used for the second time in a row; 0 for another one, which goes to C as
 * a view. koffi takes 12 to 45 ns less for a number (the more, the longer ago it was called). Only of memory of up to
 * 64 KiB: the last one stays reachable.
 *
 * Memory stays where it is until its buffer is detached. From then on the view has no bytes, and must not come here: it
 * is up to the caller to ask first.
 */
export function addressOfSame(view: Uint8Array): number {
  if (view === last) return address === 0 ? (address = addressNumberOf(view)) : address;
  last = bufferLengthOf(view) <= mostKept ? view : undefined;
  address = 0;
  return 0;
}
