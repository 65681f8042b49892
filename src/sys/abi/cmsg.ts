/** A control message of `sendmsg` and `recvmsg`: ancillary data, such as the descriptors of SCM_RIGHTS. */
export interface ControlMessage {
  /** `cmsg_level`: SOL_SOCKET, IPPROTO_IP, … */
  readonly level: number;
  /** `cmsg_type`: SCM_RIGHTS, SCM_CREDENTIALS, … */
  readonly type: number;
  /** The payload: for SCM_RIGHTS the descriptors, 4 bytes each. */
  readonly data: Uint8Array;
}

// struct cmsghdr: size_t cmsg_len, int cmsg_level, int cmsg_type, then the data; the next one starts at a multiple of
// sizeof(size_t), which CMSG_SPACE and CMSG_NXTHDR round up to.
const headerSize = 16;
const aligned = (length: number): number => Math.ceil(length / 8) * 8;

/** Bytes that a message with `length` bytes of data takes: CMSG_SPACE(length). */
export function controlSpace(length: number): number {
  return headerSize + aligned(length);
}

/** Writes the messages one after another, as `sendmsg` takes them. */
export function encodeControlMessages(messages: readonly ControlMessage[]): Uint8Array {
  const bytes = new Uint8Array(messages.reduce((all, { data }) => all + controlSpace(data.byteLength), 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const { level, type, data } of messages) {
    view.setBigUint64(at, BigInt(headerSize + data.byteLength), true);
    view.setInt32(at + 8, level, true);
    view.setInt32(at + 12, type, true);
    bytes.set(data, at + headerSize);
    at += controlSpace(data.byteLength);
  }
  return bytes;
}

/**
 * Reads the messages that `recvmsg` wrote; the data are copies. A message that was cut off (MSG_CTRUNC) has what is
 * there of it.
 */
export function decodeControlMessages(bytes: Uint8Array): ControlMessage[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const messages: ControlMessage[] = [];
  let at = 0;
  while (at + headerSize <= bytes.byteLength) {
    const length = Number(view.getBigUint64(at, true));
    if (length < headerSize) break;
    const end = Math.min(at + length, bytes.byteLength);
    const data = bytes.slice(at + headerSize, end);
    messages.push({ level: view.getInt32(at + 8, true), type: view.getInt32(at + 12, true), data });
    at += aligned(length);
  }
  return messages;
}
