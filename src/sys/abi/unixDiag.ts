// linux/netlink.h, linux/sock_diag.h, linux/unix_diag.h: the question and the answers of NETLINK_SOCK_DIAG about unix
// sockets. It is the one place where the kernel tells which socket is the other end of which.

/** The netlink family. */
export const sockDiagProtocol = 4;

const headerSize = 16;
const requestSize = 24;
const messageSize = 16;
const sockDiagByFamily = 20;
const requestAndDump = 0x301;
const errorType = 2;
const doneType = 3;
const showPeer = 0x4;
const peerAttribute = 2;
const afUnix = 1;

/** The message that asks for every unix socket of this network namespace, with the inode of its other end. */
export function encodeUnixDiagRequest(): Uint8Array {
  const bytes = new Uint8Array(headerSize + requestSize);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, bytes.byteLength, true);
  view.setUint16(4, sockDiagByFamily, true);
  view.setUint16(6, requestAndDump, true);
  view.setUint8(headerSize, afUnix);
  view.setUint32(headerSize + 4, 0xffff_ffff, true);
  view.setUint32(headerSize + 12, showPeer, true);
  return bytes;
}

/** What one datagram of the answer holds. */
export interface UnixDiagAnswer {
  /** Inode of a socket → inode of its other end. */
  readonly peers: ReadonlyMap<number, number>;
  /** Whether it was the last datagram. */
  readonly done: boolean;
  /** -errno, or 0. */
  readonly error: number;
}

/** Reads one datagram of the answer. A message that is cut off ends it. */
export function decodeUnixDiagAnswer(bytes: Uint8Array): UnixDiagAnswer {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const peers = new Map<number, number>();
  for (let at = 0; at + headerSize <= bytes.byteLength;) {
    const length = view.getUint32(at, true);
    const type = view.getUint16(at + 4, true);
    if (length < headerSize || at + length > bytes.byteLength) break;
    if (type === doneType) return { peers, done: true, error: 0 };
    if (type === errorType)
      return { peers, done: true, error: length >= 20 ? view.getInt32(at + headerSize, true) : 0 };
    if (type === sockDiagByFamily && length >= headerSize + messageSize) addPeer(peers, view, at, at + length);
    at += align(length);
  }
  return { peers, done: false, error: 0 };
}

function addPeer(peers: Map<number, number>, view: DataView, start: number, end: number): void {
  const inode = view.getUint32(start + headerSize + 4, true);
  for (let at = start + headerSize + messageSize; at + 4 <= end;) {
    const length = view.getUint16(at, true);
    if (length < 4) return;
    if (view.getUint16(at + 2, true) === peerAttribute && length >= 8 && at + 8 <= end) {
      peers.set(inode, view.getUint32(at + 4, true));
    }
    at += align(length);
  }
}

function align(length: number): number {
  return (length + 3) & ~3;
}
