import type { Server, Socket } from 'node:net';
import { describe } from '../sys/argument.ts';

/**
 * Wherever a descriptor is wanted: its number, an object that has it as `fd` (ours, `FileHandle`, `tty.ReadStream`, …),
 * or a `net.Socket` or `net.Server`, whose handle has it. The object's descriptor is borrowed: nobody closes it here.
 *
 * Node goes on reading from a `net.Socket`: pause it, or leave it without listeners, where that matters. It is known by
 * its number only: close the registration before the socket.
 */
export type FdLike = number | { readonly fd: number } | Socket | Server;

/**
 * The number of a descriptor.
 *
 * @throws {TypeError} for another type, and for an object that is closed.
 * @throws {RangeError} for a number that no descriptor has.
 */
export function fdOf(target: FdLike, name = 'fd'): number {
  const fd = typeof target === 'object' && target !== null ? fdWithin(target, name) : target;
  if (typeof fd !== 'number') {
    throw new TypeError(
      `Cannot use '${name}' as it must be a descriptor number or an object with one as 'fd': ` +
        `current value is ${describe(target)}`,
    );
  }
  if (!Number.isInteger(fd) || fd < 0 || fd > 0x7fffffff) {
    throw new RangeError(`Cannot use '${name}' as it must be an integer from 0 to 2147483647: current value is ${fd}`);
  }
  return fd;
}

/**
 * The number of a descriptor that gets a new owner.
 *
 * @throws {TypeError} also for an object that goes on owning it, as a `net.Socket` or a `FileHandle` does: it would
 *   read from the number, and close it one day, when it may be another file's
 */
export function fdToTakeOver(target: FdLike, name = 'target'): number {
  const fd = fdOf(target, name);
  if (typeof target === 'object' && goesOnOwning(target)) {
    const rule = "must be a number, or an object that gives its descriptor away by 'detach'";
    throw new TypeError(
      `Cannot take over '${name}' as it ${rule}: current value is ${describe(target)} that goes on owning it. ` +
        'Give a duplicate of its number (dup)',
    );
  }
  return fd;
}

function goesOnOwning(target: object): boolean {
  const has = (method: string): boolean =>
    method in target && typeof (target as Record<string, unknown>)[method] === 'function';
  return !has('detach') && (has('close') || has('destroy'));
}

// `_handle` is what libuv's handle is called in `node:net` since Node 0.x; the number is there while it is open (Node
// 20 to 26).
function fdWithin(target: object, name: string): unknown {
  const own: unknown = 'fd' in target ? target.fd : undefined;
  if (own === undefined && '_handle' in target) {
    const handle: unknown = target._handle;
    const fd: unknown = typeof handle === 'object' && handle !== null && 'fd' in handle ? handle.fd : -1;
    if (fd === -1) throw new TypeError(notOpen(target, name));
    return fd;
  }
  // What a closed FileHandle has.
  if (own === -1) throw new TypeError(notOpen(target, name));
  return own;
}

function notOpen(target: object, name: string): string {
  const found = `${describe(target)} that is closed, or not open yet`;
  return `Cannot use '${name}' as it must be open: current value is ${found}`;
}
