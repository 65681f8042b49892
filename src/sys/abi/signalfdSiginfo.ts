/** Bytes of `struct signalfd_siginfo` (linux/signalfd.h). */
export const signalfdSiginfoSize = 128;

/**
 * What a signalfd reports of one signal: the members of `struct signalfd_siginfo` that have a meaning for every sender.
 */
export interface SignalfdSiginfo {
  /** ssi_signo: the signal's number. */
  readonly signo: number;
  /** ssi_code: how it was sent, 0 is kill(2), -1 sigqueue(3), -6 tgkill(2). */
  readonly code: number;
  /** ssi_pid: who sent it. */
  readonly pid: number;
  /** ssi_uid: the sender's real user. */
  readonly uid: number;
  /** ssi_int: the integer of sigqueue(3). */
  readonly int: number;
  /** ssi_status: exit status or signal of a child, for SIGCHLD. */
  readonly status: number;
  /** ssi_fd: the descriptor, for SIGIO. */
  readonly fd: number;
  /** ssi_band: the poll mask, for SIGIO. */
  readonly band: number;
}

/** Byte offsets of the members, checked against the C compiler. */
export const signalfdSiginfoOffsets = {
  ssi_signo: 0,
  ssi_code: 8,
  ssi_pid: 12,
  ssi_uid: 16,
  ssi_fd: 20,
  ssi_band: 28,
  ssi_status: 40,
  ssi_int: 44,
} as const;

/**
 * Reads the record at a byte offset.
 *
 * @throws {TypeError} when `offset` is no number. @throws {RangeError} when no whole record is there
 */
export function decodeSignalfdSiginfo(bytes: Uint8Array, offset = 0): SignalfdSiginfo {
  if (typeof offset !== 'number')
    throw new TypeError(`Cannot use 'offset' as it must be a number: current type is ${typeof offset}`);
  const last = bytes.byteLength - signalfdSiginfoSize;
  // The DataView alone would read beyond `bytes`, in what else its ArrayBuffer holds.
  if (!Number.isInteger(offset) || offset < 0 || offset > last) {
    throw new RangeError(`Cannot use 'offset' as it must be an integer from 0 to ${last}: current value is ${offset}`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, signalfdSiginfoSize);
  const at = signalfdSiginfoOffsets;
  return {
    signo: view.getUint32(at.ssi_signo, true),
    code: view.getInt32(at.ssi_code, true),
    pid: view.getUint32(at.ssi_pid, true),
    uid: view.getUint32(at.ssi_uid, true),
    int: view.getInt32(at.ssi_int, true),
    status: view.getInt32(at.ssi_status, true),
    fd: view.getInt32(at.ssi_fd, true),
    band: view.getUint32(at.ssi_band, true),
  };
}
