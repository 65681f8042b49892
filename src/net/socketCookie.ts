import { getsockopt, SO_COOKIE, SOL_SOCKET } from '../sys/index.ts';

const memory = new BigUint64Array(1);
const bytes = new Uint8Array(memory.buffer);

/**
 * The number that the kernel gives a socket for its life (SO_COOKIE, Linux 4.12): it tells whether a descriptor still is the socket
 * that it was, where another thread may have closed it.
 *
 * @returns null where the descriptor is no socket, or the kernel does not tell
 */
export function socketCookie(fd: number): bigint | null {
  return getsockopt(fd, SOL_SOCKET, SO_COOKIE, bytes) === bytes.byteLength ? (memory[0] ?? null) : null;
}
