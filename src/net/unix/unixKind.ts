import { byteLengthOf } from '../../sys/argument.ts';
import { EMSGSIZE, IOV_MAX, MSG_DONTWAIT, MSG_PEEK, MSG_TRUNC, recv, recvmsg } from '../../sys/index.ts';
import type { UnixType } from '../address/unixAddress.ts';
import { type ChannelKind, plainBytes } from '../core/byteChannel.ts';
import { connectionAdvice } from '../core/connectionAdvice.ts';
import { type Socket, socketFailure } from '../core/socket.ts';
import { totalLength } from '../core/totalLength.ts';

const empty = new Uint8Array(0);

const bytes: ChannelKind = { ...plainBytes, features: () => ({ peerSeesReadEnd: true }) };

// With MSG_TRUNC the kernel answers how long the message is: another reader may have taken the one that was looked at.
const messages: ChannelKind = {
  ...bytes,
  receive(stream, fd, into) {
    const room = byteLengthOf(into);
    const refused = refuseLonger(stream, fd, room);
    return refused < 0 ? refused : whole(stream, recv(fd, into, MSG_TRUNC | MSG_DONTWAIT), room);
  },
  receivev(stream, fd, into) {
    const room = totalLength(into, 'into');
    const refused = refuseLonger(stream, fd, room);
    return refused < 0 ? refused : whole(stream, recvmsg(fd, into, null, MSG_TRUNC | MSG_DONTWAIT), room);
  },
  features: (stream) => ({ peerSeesReadEnd: true, messageLength: () => Math.max(0, nextLength(stream.fd)) }),
  advice(stream, answer) {
    if (answer !== -EMSGSIZE) return connectionAdvice(answer);
    const room = `a message must fit into the send buffer, of ${stream.sendBufferSize} bytes`;
    return `${room}: raise sendBufferSize, or send less at once`;
  },
};

/** How a unix stream of that type calls the kernel. */
export function unixKind(type: UnixType): ChannelKind {
  return type === 'stream' ? bytes : messages;
}

/**
 * Looks at the next message, and leaves it there: one that does not fit would be cut.
 *
 * @returns -errno where it can't look
 */
export function refuseLonger(stream: Socket, fd: number, room: number): number {
  return whole(stream, nextLength(fd), room);
}

// The kernel says how long the next message is, without taking it.
function nextLength(fd: number): number {
  return recv(fd, empty, MSG_PEEK | MSG_TRUNC | MSG_DONTWAIT);
}

function whole(stream: Socket, length: number, room: number): number {
  if (length <= room) return length;
  const advice = `the message has ${length} bytes, and there is room for ${room}: receive it into a larger buffer`;
  throw socketFailure(stream, -EMSGSIZE, 'recv', advice);
}

/** @throws {TypeError | RangeError} for an empty message, and one of more than 1024 buffers */
export function checkMessage(data: readonly Uint8Array[]): void {
  if (!Array.isArray(data)) return;
  if (data.length > IOV_MAX) {
    throw new RangeError(
      `Cannot send a message as it must be in at most ${IOV_MAX} buffers: current length is ${data.length}`,
    );
  }
  if (totalLength(data, 'data') === 0) {
    throw new RangeError("Cannot send a message as 'data' must not be empty: the receiver would take it for the end");
  }
}
