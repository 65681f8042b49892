// linux/netlink.h, linux/sock_diag.h, linux/unix_diag.h: the question and the answers of NETLINK_SOCK_DIAG about unix
// sockets. It is the one place where the kernel tells which socket is the other end of which, and gives a name as it
// is.

/** The netlink family. */
export const sockDiagProtocol = 4;

const headerSize = 16;
const requestSize = 24;
const messageSize = 16;
const sockDiagByFamily = 20;
const requestAndDump = 0x301;
const errorType = 2;
const doneType = 3;
const showName = 0x1;
const showPeer = 0x4;
const nameAttribute = 0;
const peerAttribute = 2;
const afUnix = 1;

/**
 * The message that asks for every unix socket of this network namespace, with its name and the inode of its other end.
 */
export function encodeUnixDiagRequest(): Uint8Array {
  const bytes = new Uint8Array(headerSize + requestSize);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, bytes.byteLength, true);
  view.setUint16(4, sockDiagByFamily, true);
  view.setUint16(6, requestAndDump, true);
  view.setUint8(headerSize, afUnix);
  view.setUint32(headerSize + 4, 0xffff_ffff, true);
  view.setUint32(headerSize + 12, showName | showPeer, true);
  return bytes;
}

/** A unix socket as the kernel describes it. */
export interface UnixDiagSocket {
  readonly inode: number;
  /** SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET. */
  readonly type: number;
  /** 1 connected, 7 not, 10 listening. */
  readonly state: number;
  /** The bytes of its path, or NUL and those of its abstract name; null for none. */
  readonly name: Uint8Array | null;
  /** The inode of its other end; null for none. */
  readonly peer: number | null;
}

/** What one datagram of the answer holds. */
export interface UnixDiagAnswer {
  readonly sockets: readonly UnixDiagSocket[];
  /** Whether it was the last datagram. */
  readonly done: boolean;
  /** -errno, or 0. */
  readonly error: number;
}

/** Reads one datagram of the answer. A message that is cut off ends it. */
export function decodeUnixDiagAnswer(bytes: Uint8Array): UnixDiagAnswer {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const sockets: UnixDiagSocket[] = [];
  for (let at = 0; at + headerSize <= bytes.byteLength;) {
    const length = view.getUint32(at, true);
    const type = view.getUint16(at + 4, true);
    if (length < headerSize || at + length > bytes.byteLength) break;
    if (type === doneType) return { sockets, done: true, error: 0 };
    if (type === errorType)
      return { sockets, done: true, error: length >= 20 ? view.getInt32(at + headerSize, true) : 0 };
    if (type === sockDiagByFamily && length >= headerSize + messageSize)
      sockets.push(decodeSocket(view, at, at + length));
    at += align(length);
  }
  return { sockets, done: false, error: 0 };
}

function decodeSocket(view: DataView, start: number, end: number): UnixDiagSocket {
  const message = start + headerSize;
  let name: Uint8Array | null = null;
  let peer: number | null = null;
  for (let at = message + messageSize; at + 4 <= end;) {
    const length = view.getUint16(at, true);
    if (length < 4 || at + length > end) break;
    const type = view.getUint16(at + 2, true);
    if (type === nameAttribute) name = new Uint8Array(view.buffer, view.byteOffset + at + 4, length - 4).slice();
    if (type === peerAttribute && length >= 8 && view.getUint32(at + 4, true) !== 0)
      peer = view.getUint32(at + 4, true);
    at += align(length);
  }
  return {
    inode: view.getUint32(message + 4, true),
    type: view.getUint8(message + 1),
    state: view.getUint8(message + 2),
    name,
    peer,
  };
}

function align(length: number): number {
  return (length + 3) & ~3;
}
