import { types } from 'node:util';
import {
  decodeSockaddrBytes,
  encodeSockaddrBytes,
  type Sockaddr,
  sockaddrStorageSize,
  unixPathSize,
} from './abi/sockaddr.ts';
import { AF_INET, AF_INET6, AF_UNIX } from './abi/socket.ts';
import { bytes, bytesOf, describe, integerIn, uint } from './argument.ts';

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
      return encodeSockaddrBytes({ family: AF_UNIX, path: unixPath(copy.path) });
    default:
      throw new RangeError("Cannot use 'family' as it must be AF_INET, AF_INET6 or AF_UNIX");
  }
  return encodeSockaddrBytes(copy);
}

function text(value: string, name: string): string {
  if (typeof value === 'string') return value;
  throw new TypeError(`Cannot use '${name}' as it must be a string: current value is ${describe(value)}`);
}

function unixPath(path: string | Uint8Array): Uint8Array {
  const name = typeof path === 'string' ? Buffer.from(path, 'utf8') : bytesOf(nameBytes(path), 0);
  const abstract = name[0] === 0;
  if (!abstract && name.includes(0)) {
    throw new RangeError(`Cannot use 'path' as it must not contain a NUL byte: current value is ${describe(path)}`);
  }
  // The NUL that ends a path counts; an abstract name has none at its end, but one at its start.
  const most = abstract ? unixPathSize : unixPathSize - 1;
  const { byteLength } = name;
  if (byteLength > most) {
    throw new RangeError(`Cannot use 'path' as it must have at most ${most} bytes: current length is ${byteLength}`);
  }
  return name;
}

function nameBytes(path: Uint8Array): Uint8Array {
  if (types.isUint8Array(path)) return bytes(path, 'path');
  throw new TypeError(`Cannot use 'path' as it must be a string or a Uint8Array: current value is ${describe(path)}`);
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

/**
 * The memory to hand to C, its length set to the room there is.
 *
 * @throws {TypeError} for anything but a SockaddrBuffer.
 */
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
