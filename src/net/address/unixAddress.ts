import type { SystemErrorSubject } from '../../fd/systemError.ts';
import { unixNameText } from '../../sys/abi/sockaddr.ts';
import { describe } from '../../sys/argument.ts';
import { AF_UNIX, encodeSockaddr, SOCK_SEQPACKET, SOCK_STREAM, type Sockaddr } from '../../sys/index.ts';

/** What a unix connection carries: bytes, or messages whose boundaries are kept. */
export type UnixType = 'stream' | 'seqpacket';

const types: Readonly<Record<UnixType, number>> = { stream: SOCK_STREAM, seqpacket: SOCK_SEQPACKET };

/** The families and types that a unix stream or listener may have. */
export const unixKinds: readonly (readonly [domain: number, type: number])[] = [
  [AF_UNIX, SOCK_STREAM],
  [AF_UNIX, SOCK_SEQPACKET],
];

// sun_family alone.
const emptySize = 2;

/** @throws {TypeError} for another type */
export function unixTypeNumber(type: UnixType): number {
  if (typeof type === 'string' && Object.hasOwn(types, type)) return types[type];
  const known = Object.keys(types).join(', ');
  throw new TypeError(`Cannot use 'type' as it must be one of ${known}: current value is ${describe(type)}`);
}

export function unixTypeOf(socketType: number): UnixType {
  return socketType === SOCK_SEQPACKET ? 'seqpacket' : 'stream';
}

/**
 * The name of a unix socket: a socket file; or, behind a NUL, an abstract name. One that is not UTF-8 can't be a
 * string, and is the bytes of the name.
 */
export type UnixPath = string | Uint8Array;

/**
 * The name of a unix socket as the kernel takes it.
 *
 * @throws {TypeError | RangeError} for a path that is empty, has more than 107 bytes (an abstract name: 108), or a NUL
 *   inside
 */
export function unixSockaddr(path: UnixPath): Uint8Array {
  const address = encodeSockaddr({ family: AF_UNIX, path });
  if (address.byteLength > emptySize) return address;
  throw new RangeError("Cannot use 'path' as it must not be empty: an abstract name starts with NUL, '\\0name'");
}

/** A kernel address as users see it. @returns null for a socket without a name */
export function unixPath(address: Sockaddr | null): UnixPath | null {
  return address?.family === AF_UNIX && address.path.length > 0 ? address.path : null;
}

export function isAbstract(path: UnixPath): boolean {
  return typeof path === 'string' ? path.startsWith('\0') : path[0] === 0;
}

/** How errors name a unix socket. */
export function unixSubject(path: UnixPath | null): SystemErrorSubject {
  return path === null ? {} : { path: unixNameText(path) };
}
