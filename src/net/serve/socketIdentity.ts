import { fstatSync } from 'node:fs';
import { getsockopt, SO_COOKIE, SOL_SOCKET } from '../../sys/index.ts';

const memory = new BigUint64Array(1);
const bytes = new Uint8Array(memory.buffer);

/**
 * Which socket a descriptor is: it tells whether the number still is that one, where another thread may have closed it.
 *
 * By the number that the kernel gives a socket for its life (SO_COOKIE, Linux 4.12); by the inode where that is not
 * told, as in an emulator or behind a filter: four thousand million files later another one can have it.
 */
export class SocketIdentity {
  readonly #cookie: bigint | null;
  readonly #inode: bigint | null;

  constructor(fd: number) {
    this.#cookie = cookieOf(fd);
    this.#inode = this.#cookie === null ? inodeOf(fd) : null;
  }

  /** Whether the descriptor is the same socket. */
  is(fd: number): boolean {
    if (this.#cookie !== null) return cookieOf(fd) === this.#cookie;
    return this.#inode !== null && inodeOf(fd) === this.#inode;
  }
}

function cookieOf(fd: number): bigint | null {
  return getsockopt(fd, SOL_SOCKET, SO_COOKIE, bytes) === bytes.byteLength ? (memory[0] ?? null) : null;
}

function inodeOf(fd: number): bigint | null {
  try {
    return fstatSync(fd, { bigint: true }).ino;
  } catch {
    return null; // closed
  }
}
