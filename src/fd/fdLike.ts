import { describe } from '../sys/argument.ts';

/**
 * Wherever a descriptor is wanted: its number, or an object that has it as `fd` (ours, `FileHandle`, `tty.ReadStream`, …).
 * The object's descriptor is borrowed: nobody closes it here.
 */
export type FdLike = number | { readonly fd: number };

/** The number of a descriptor. @throws {TypeError} for another type. @throws {RangeError} for a number that no descriptor has. */
export function fdOf(target: FdLike, name = 'fd'): number {
  const fd: unknown = typeof target === 'object' && target !== null ? target.fd : target;
  if (typeof fd !== 'number') {
    throw new TypeError(
      `Cannot use '${name}' as it must be a descriptor number or an object with one as 'fd': current value is ${describe(target)}`,
    );
  }
  if (!Number.isInteger(fd) || fd < 0 || fd > 0x7fffffff) {
    throw new RangeError(`Cannot use '${name}' as it must be an integer from 0 to 2147483647: current value is ${fd}`);
  }
  return fd;
}
