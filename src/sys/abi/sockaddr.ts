import { isUtf8 } from 'node:buffer';
import { isIPv4, isIPv6 } from 'node:net';
import { AF_INET, AF_INET6, AF_UNIX } from './socket.ts';

/** Bytes of `struct sockaddr_storage`: room for every address. */
export const sockaddrStorageSize = 128;
/** Bytes of `sun_path`. */
export const unixPathSize = 108;

/** An IPv4 address and port. */
export interface SockaddrIn {
  readonly family: typeof AF_INET;
  readonly address: string;
  readonly port: number;
}
/** An IPv6 address and port. */
export interface SockaddrIn6 {
  readonly family: typeof AF_INET6;
  readonly address: string;
  readonly port: number;
  readonly flowinfo?: number;
  readonly scopeId?: number;
}
/**
 * A unix socket's name: a path; a name that starts with NUL is abstract; an empty one is unnamed. A name that is not
 * UTF-8 can't be a string: it is bytes.
 */
export interface SockaddrUn {
  readonly family: typeof AF_UNIX;
  readonly path: string | Uint8Array;
}
/** A socket's address, by its family. */
export type Sockaddr = SockaddrIn | SockaddrIn6 | SockaddrUn;

/**
 * Writes the struct that C takes. The members must be in range already.
 *
 * @throws {TypeError} for an address that is no IP address.
 */
export function encodeSockaddrBytes(address: Sockaddr): Uint8Array {
  switch (address.family) {
    case AF_INET:
      return encodeIn(address);
    case AF_INET6:
      return encodeIn6(address);
    case AF_UNIX:
      return encodeUn(address);
  }
}

function encodeIn({ address, port }: SockaddrIn): Uint8Array {
  if (!isIPv4(address))
    throw new TypeError(`Cannot use 'address' as it must be an IPv4 address: current value is ${address}`);
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, AF_INET, true);
  view.setUint16(2, port);
  bytes.set(address.split('.').map(Number), 4);
  return bytes;
}

function encodeIn6({ address, port, flowinfo = 0, scopeId = 0 }: SockaddrIn6): Uint8Array {
  if (!isIPv6(address) || address.includes('%')) {
    throw new TypeError(
      `Cannot use 'address' as it must be an IPv6 address without a zone: current value is ${address}`,
    );
  }
  const bytes = new Uint8Array(28);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, AF_INET6, true);
  view.setUint16(2, port);
  view.setUint32(4, flowinfo);
  groups(address).forEach((group, index) => view.setUint16(8 + index * 2, group));
  view.setUint32(24, scopeId, true);
  return bytes;
}

// Eight groups of 16 bits from the text form, which isIPv6 has accepted: '::' stands for the missing ones, and the last
// two may be written as an IPv4 address.
function groups(address: string): number[] {
  const hex = address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, a, b, c, d) =>
    [Number(a) * 256 + Number(b), Number(c) * 256 + Number(d)].map((group) => group.toString(16)).join(':'),
  );
  const [head = '', tail] = hex.split('::');
  const parse = (text: string): number[] =>
    text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
  const left = parse(head);
  if (tail === undefined) return left;
  const right = parse(tail);
  return [...left, ...Array.from({ length: 8 - left.length - right.length }, () => 0), ...right];
}

function encodeUn({ path }: SockaddrUn): Uint8Array {
  const name = typeof path === 'string' ? Buffer.from(path, 'utf8') : path;
  const terminator = name.byteLength === 0 || name[0] === 0 ? 0 : 1;
  const bytes = new Uint8Array(2 + name.byteLength + terminator);
  new DataView(bytes.buffer).setUint16(0, AF_UNIX, true);
  bytes.set(name, 2);
  return bytes;
}

/** Reads the struct; null for a family that is not known here. */
export function decodeSockaddrBytes(bytes: Uint8Array): Sockaddr | null {
  if (bytes.byteLength < 2) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (view.getUint16(0, true)) {
    case AF_INET:
      return { family: AF_INET, address: bytes.subarray(4, 8).join('.'), port: view.getUint16(2) };
    case AF_INET6:
      return decodeIn6(view);
    case AF_UNIX:
      return { family: AF_UNIX, path: unixName(bytes.subarray(2)) };
    default:
      return null;
  }
}

function decodeIn6(view: DataView): SockaddrIn6 {
  const groups = Array.from({ length: 8 }, (_, index) => view.getUint16(8 + index * 2));
  return {
    family: AF_INET6,
    address: groupsText(groups),
    port: view.getUint16(2),
    flowinfo: view.getUint32(4),
    scopeId: view.getUint32(24, true),
  };
}

function groupsText(groups: readonly number[]): string {
  // An IPv4 peer of an IPv6 socket: RFC 5952 recommends the mixed form, and inet_ntop and Node write it.
  if (groups.slice(0, 6).join() === '0,0,0,0,0,65535') {
    return `::ffff:${groups
      .slice(6)
      .flatMap((group) => [group >> 8, group & 0xff])
      .join('.')}`;
  }
  // The WHATWG URL parser writes the short form of RFC 5952: Node has no inet_ntop of its own.
  const text = groups.map((group) => group.toString(16)).join(':');
  return new URL(`http://[${text}]`).hostname.slice(1, -1);
}

// A path ends at its NUL; an abstract name is all of the length, and its NULs count (unix(7)).
function unixName(bytes: Uint8Array): string | Uint8Array {
  const end = bytes[0] === 0 ? bytes.byteLength : bytes.indexOf(0);
  const name = bytes.slice(0, end < 0 ? bytes.byteLength : end);
  return isUtf8(name) ? Buffer.from(name.buffer).toString('utf8') : name;
}

/** A unix socket's name as text: `@` for each NUL, as ss(8) prints it, and a byte that is no text as `\xff`. */
export function unixNameText(path: string | Uint8Array): string {
  const text =
    typeof path === 'string'
      ? path
      : Buffer.from(path)
          .toString('latin1')
          .replaceAll(/[\x7f-\xff]/g, escaped);
  return text.replaceAll('\0', '@');
}

function escaped(byte: string): string {
  return `\\x${byte.charCodeAt(0).toString(16)}`;
}
