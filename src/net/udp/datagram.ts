import {
  EAGAIN,
  EINTR,
  MSG_DONTWAIT,
  MSG_NOSIGNAL,
  MSG_TRUNC,
  recvfrom,
  send,
  sendto,
  SockaddrBuffer,
} from '../../sys/index.ts';
import { byteLengthOf } from '../../sys/argument.ts';
import { type InetAddress, knownInetAddress } from '../address/inetAddress.ts';

/** A datagram that was received into the caller's memory. */
export interface ReceivedDatagram {
  /** How many bytes were written into the memory; 0 is an empty datagram, which is legal. */
  readonly bytes: number;
  readonly from: InetAddress;
  /** Whether there was more, which is lost. */
  readonly truncated: boolean;
}

/** A datagram with memory of its own. */
export interface Datagram {
  readonly data: Uint8Array;
  readonly from: InetAddress;
}

const sender = new SockaddrBuffer();
// No datagram is longer.
const longest = 65_535;
let scratch: Uint8Array | undefined;

/** Memory into which any datagram fits, for the time of one turn. */
export function roomForAny(): Uint8Array {
  return (scratch ??= new Uint8Array(longest));
}

// O_NONBLOCK is the open file's: a child that has the socket as its stdin clears it for everybody. Hence MSG_DONTWAIT.

/** Sends a datagram without waiting. @param to undefined on a connected socket. @returns 0, or -errno but for EINTR */
export function sendDatagram(fd: number, data: Uint8Array, to: Uint8Array | undefined): number {
  const flags = MSG_DONTWAIT | MSG_NOSIGNAL;
  for (;;) {
    const answer = to === undefined ? send(fd, data, flags) : sendto(fd, data, flags, to);
    if (answer !== -EINTR) return Math.min(answer, 0);
  }
}

/** Receives a datagram without waiting. @returns null for EAGAIN; -errno but for EINTR */
export function receiveDatagram(fd: number, into: Uint8Array): ReceivedDatagram | null | number {
  for (;;) {
    // With MSG_TRUNC the kernel answers how long the datagram was.
    const answer = recvfrom(fd, into, MSG_DONTWAIT | MSG_TRUNC, sender);
    if (answer === -EAGAIN) return null;
    if (answer >= 0) {
      const room = byteLengthOf(into);
      return { bytes: Math.min(answer, room), from: knownInetAddress(sender.decode()), truncated: answer > room };
    }
    if (answer !== -EINTR) return answer;
  }
}
