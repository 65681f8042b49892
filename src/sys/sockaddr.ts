import {
  decodeSockaddrBytes,
  encodeSockaddrBytes,
  type Sockaddr,
  sockaddrStorageSize,
  unixPathSize,
} from './abi/sockaddr.ts';
import { AF_INET, AF_INET6, AF_UNIX } from './abi/socket.ts';
import { describe, integerIn, uint } from './argument.ts';

let memoryOf: (buffer: SockaddrBuffer) => { readonly bytes: Uint8Array; readonly length: Uint32Array };

/**
 * A `struct sockaddr` for `bind`, `connect` and `sendto`.
 *
 * @throws {TypeError | RangeError} for a family, address, port or path that the struct can't hold
 * @see https://man7.org/linux/man-pages/man3/sockaddr.3type.html
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { AF_INET, encodeSockaddr } from 'epoll-ts/sys';
 *
 * const bytes = encodeSockaddr({ family: AF_INET, address: '127.0.0.1', port: 80 });
 * assert.deepEqual([...bytes], [2, 0, 0, 80, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
 * ```
 */
export function encodeSockaddr(address: Sockaddr): Uint8Array {
  if (typeof address !== 'object' || address === null) {
    throw new TypeError(`Cannot use 'address' as it must be an object: current value is ${describe(address)}`);
  }
  // A copy, so that a getter can't answer otherwise after the check.
  const copy = { ...address };
  switch (copy.family) {
    case AF_INET:
    case AF_INET6:
      integerIn(copy.port, 'port', 0, 0xffff);
      text(copy.address, 'address');
      if (copy.family === AF_INET6) {
        uint(copy.flowinfo ?? 0, 'flowinfo');
        uint(copy.scopeId ?? 0, 'scopeId');
      }
      break;
    case AF_UNIX:
      checkUnixPath(text(copy.path, 'path'));
      break;
    default:
      throw new RangeError("Cannot use 'family' as it must be AF_INET, AF_INET6 or AF_UNIX");
  }
  return encodeSockaddrBytes(copy);
}

function text(value: string, name: string): string {
  if (typeof value === 'string') return value;
  throw new TypeError(`Cannot use '${name}' as it must be a string: current value is ${describe(value)}`);
}

function checkUnixPath(path: string): void {
  if (path.indexOf('\0', 1) >= 0 && !path.startsWith('\0')) {
    throw new RangeError(`Cannot use 'path' as it must not contain a NUL byte: current value is ${describe(path)}`);
  }
  const bytes = Buffer.byteLength(path, 'utf8');
  // The NUL that ends a path counts; an abstract name has none at its end, but one at its start.
  const most = path.startsWith('\0') ? unixPathSize : unixPathSize - 1;
  if (bytes > most) {
    throw new RangeError(`Cannot use 'path' as it must have at most ${most} bytes: current length is ${bytes}`);
  }
}

/**
 * Memory into which `accept4`, `recvfrom`, `getsockname` and `getpeername` write an address.
 *
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { AF_UNIX, close, getsockname, SOCK_STREAM, SockaddrBuffer, socket } from 'epoll-ts/sys';
 *
 * const fd = socket(AF_UNIX, SOCK_STREAM, 0);
 * const address = new SockaddrBuffer();
 * assert.equal(getsockname(fd, address), 0);
 * assert.deepEqual(address.decode(), { family: AF_UNIX, path: '' });
 * close(fd);
 * ```
 */
export class SockaddrBuffer {
  static {
    memoryOf = (buffer) => ({ bytes: buffer.#bytes, length: buffer.#length });
  }

  readonly #bytes = new Uint8Array(sockaddrStorageSize);
  readonly #length = new Uint32Array(1);

  /** The address that the last call wrote; null where there is none, or of a family that is not known here. */
  decode(): Sockaddr | null {
    return decodeSockaddrBytes(this.#bytes.subarray(0, Math.min(this.#length[0] ?? 0, sockaddrStorageSize)));
  }

  static isSockaddrBuffer(value: unknown): value is SockaddrBuffer {
    return typeof value === 'object' && value !== null && #bytes in value;
  }
}

/** The memory to hand to C, its length set to the room there is. @throws {TypeError} for anything but a SockaddrBuffer. */
export function sockaddrMemory(buffer: SockaddrBuffer): { readonly bytes: Uint8Array; readonly length: Uint32Array } {
  if (!SockaddrBuffer.isSockaddrBuffer(buffer)) {
    throw new TypeError(`Cannot use 'addr' as it must be a SockaddrBuffer: current value is ${describe(buffer)}`);
  }
  const memory = memoryOf(buffer);
  memory.length[0] = sockaddrStorageSize;
  // AF_UNSPEC: a call that fails leaves the memory as it is, and what was there before is not its answer.
  memory.bytes.fill(0, 0, 2);
  return memory;
}
