import { check } from '../../fd/systemError.ts';
import { getsockopt, SO_PEERCRED, SOL_SOCKET } from '../../sys/index.ts';

/** Who is at the other end of a unix connection, as the kernel knows it from the time of `connect` and `listen`. */
export interface PeerCredentials {
  /** 0 where this process can't see it: it belongs to another pid namespace. */
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
}

/** Asks the kernel (SO_PEERCRED). @throws {SystemError} */
export function peerCredentials(fd: number): PeerCredentials {
  const ucred = new DataView(new ArrayBuffer(12));
  check(getsockopt(fd, SOL_SOCKET, SO_PEERCRED, new Uint8Array(ucred.buffer)), 'getsockopt', { fd }, 'SO_PEERCRED');
  return { pid: ucred.getInt32(0, true), uid: ucred.getUint32(4, true), gid: ucred.getUint32(8, true) };
}
