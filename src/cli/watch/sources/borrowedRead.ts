import { pollNow } from '../../../fd/pollNow.ts';
import {
  EAGAIN,
  getsockopt,
  MSG_DONTWAIT,
  POLLIN,
  read,
  recv,
  SO_ACCEPTCONN,
  SO_TYPE,
  SOCK_DGRAM,
  SOL_SOCKET,
} from '../../../sys/index.ts';
import type { ReadOnce } from '../reading.ts';

/** Reads a descriptor that may be blocking, without waiting for data - unless another process takes them first. */
export function readIfReady(fd: number): ReadOnce {
  // POLLERR, POLLHUP and POLLNVAL are in the answer too: a read then has an end or an error at once.
  return (buffer) => {
    const ready = pollNow(fd, POLLIN);
    if (ready < 0) return ready;
    return ready === 0 ? -EAGAIN : read(fd, buffer);
  };
}

/** Receives from a socket that may be blocking, without waiting. */
export function receive(fd: number): ReadOnce {
  return (buffer) => recv(fd, buffer, MSG_DONTWAIT);
}

/** Whether a socket accepts connections. */
export function isListening(fd: number): boolean {
  return option(fd, SO_ACCEPTCONN) !== 0;
}

/** Whether receiving nothing means the end. */
export function isStream(fd: number): boolean {
  return option(fd, SO_TYPE) !== SOCK_DGRAM;
}

function option(fd: number, name: number): number {
  const value = new Int32Array(1);
  return getsockopt(fd, SOL_SOCKET, name, new Uint8Array(value.buffer)) < 0 ? 0 : (value[0] ?? 0);
}
