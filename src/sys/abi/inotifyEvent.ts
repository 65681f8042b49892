/**
 * Bytes of the fixed part of `struct inotify_event`: i32 wd, u32 mask, u32 cookie, u32 len; `len` bytes of name follow.
 */
export const inotifyEventSize = 16;

/** One record of an inotify read. */
export interface InotifyRecord {
  /** The watch descriptor; -1 for IN_Q_OVERFLOW. */
  readonly wd: number;
  readonly mask: number;
  /** Joins the two halves of a rename; 0 otherwise. */
  readonly cookie: number;
  /**
   * The name inside a watched directory as the file system has it, without the padding; empty for the watched file
   * itself.
   */
  readonly name: Uint8Array;
}

/** Decodes the records of one read; the names are copies, so the buffer can be used again. */
export function decodeInotifyEvents(bytes: Uint8Array): InotifyRecord[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const records: InotifyRecord[] = [];
  for (let at = 0; at + inotifyEventSize <= bytes.length;) {
    const length = view.getUint32(at + 12, true);
    // Not `bytes.slice`: that of a Buffer copies nothing.
    const padded = new Uint8Array(bytes.subarray(at + inotifyEventSize, at + inotifyEventSize + length));
    const end = padded.indexOf(0);
    records.push({
      wd: view.getInt32(at, true),
      mask: view.getUint32(at + 4, true),
      cookie: view.getUint32(at + 8, true),
      name: end < 0 ? padded : padded.subarray(0, end),
    });
    at += inotifyEventSize + length;
  }
  return records;
}
