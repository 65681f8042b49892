import { type ControlMessage, decodeControlMessages, encodeControlMessages } from './abi/cmsg.ts';
import { byteLengthOf, bytes, describe, int, integerIn } from './argument.ts';

/** The memory of a ControlBuffer, and where `recvmsg` leaves what it found. */
export interface ControlMemory {
  readonly bytes: Uint8Array;
  length: number;
  flags: number;
}

let memoryOf: (buffer: ControlBuffer) => ControlMemory;

// More than any message needs: 253 descriptors are 1032 bytes.
const maxCapacity = 1 << 20;

/**
 * Memory into which `recvmsg` writes control messages (cmsg(3)).
 *
 * Descriptors that came with SCM_RIGHTS are open in this process as soon as the call returns: whoever receives them
 * must close them.
 *
 * @see https://man7.org/linux/man-pages/man3/cmsg.3.html
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import * as sys from 'epoll-ts/sys';
 *
 * const pair = sys.socketpair(sys.AF_UNIX, sys.SOCK_STREAM | sys.SOCK_CLOEXEC, 0);
 * assert.ok(typeof pair !== 'number');
 * const rights = { level: sys.SOL_SOCKET, type: sys.SCM_RIGHTS, data: new Uint8Array(Int32Array.of(0).buffer) };
 * assert.equal(sys.sendmsg(pair[0], [Buffer.from('x')], sys.encodeControl([rights]), sys.MSG_NOSIGNAL), 1);
 * const control = new sys.ControlBuffer(64);
 * assert.equal(sys.recvmsg(pair[1], [new Uint8Array(8)], control, sys.MSG_CMSG_CLOEXEC), 1);
 * const [message] = control.messages();
 * assert.equal(message?.type, sys.SCM_RIGHTS);
 * for (const fd of new Int32Array(message.data.buffer)) assert.equal(sys.close(fd), 0);
 * for (const fd of pair) sys.close(fd);
 * ```
 */
export class ControlBuffer {
  static {
    memoryOf = (buffer) => buffer.#memory;
  }

  readonly #memory: ControlMemory;

  /** @param capacity bytes, 0 to 1048576: 16 and the data, rounded up to a multiple of 8, for each message */
  constructor(capacity: number) {
    const memory = new Uint8Array(integerIn(capacity, 'capacity', 0, maxCapacity));
    this.#memory = { bytes: memory, length: 0, flags: 0 };
  }

  /**
   * The flags of the last message (`msg_flags`): MSG_TRUNC bytes, MSG_CTRUNC control messages were cut off; MSG_EOR.
   */
  get flags(): number {
    return this.#memory.flags;
  }

  /** The control messages of the last call. */
  messages(): ControlMessage[] {
    return decodeControlMessages(this.#memory.bytes.subarray(0, this.#memory.length));
  }

  static isControlBuffer(value: unknown): value is ControlBuffer {
    return typeof value === 'object' && value !== null && #memory in value;
  }
}

/** The memory behind a buffer, emptied. @throws {TypeError} for anything but a ControlBuffer. */
export function controlMemory(buffer: ControlBuffer): ControlMemory {
  if (!ControlBuffer.isControlBuffer(buffer)) {
    throw new TypeError(`Cannot use 'control' as it must be a ControlBuffer: current value is ${describe(buffer)}`);
  }
  const memory = memoryOf(buffer);
  memory.length = 0;
  memory.flags = 0;
  return memory;
}

/**
 * Control messages as the bytes that `sendmsg` takes.
 *
 * @throws {TypeError | RangeError} when a level or type is no C int, or data is no Uint8Array
 * @see https://man7.org/linux/man-pages/man3/cmsg.3.html
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { encodeControl, SCM_RIGHTS, SOL_SOCKET } from 'epoll-ts/sys';
 *
 * const data = new Uint8Array(Int32Array.of(0, 1, 2).buffer);
 * assert.equal(encodeControl([{ level: SOL_SOCKET, type: SCM_RIGHTS, data }]).byteLength, 32);
 * ```
 */
export function encodeControl(messages: readonly ControlMessage[]): Uint8Array {
  if (!Array.isArray(messages)) {
    throw new TypeError(`Cannot use 'messages' as it must be an array: current value is ${describe(messages)}`);
  }
  return encodeControlMessages([...(messages as readonly ControlMessage[])].map(checkedMessage));
}

function checkedMessage(message: ControlMessage, index: number): ControlMessage {
  const name = `messages[${index}]`;
  if (typeof message !== 'object' || message === null) {
    throw new TypeError(`Cannot use '${name}' as it must be an object: current value is ${describe(message)}`);
  }
  // A copy, so that a getter can't answer otherwise after the check.
  const { level, type, data } = message;
  int(level, `${name}.level`);
  int(type, `${name}.type`);
  const length = byteLengthOf(bytes(data, `${name}.data`));
  return { level, type, data: new Uint8Array(data.buffer, data.byteOffset, length) };
}
