import { ENOSYS, EOPNOTSUPP } from './abi/errno.ts';
import { byteLengthOf, bytes, int } from './argument.ts';
import { addressOf, FixedMemory } from './ffi/foreign.ts';
import { hold } from './iovec.ts';
import { preadv2, pwritev2 } from './syscall.ts';

// linux/fs.h
const RWF_NOWAIT = 0x8;

// The struct iovec of the call at hand: the kernel copies it before the call returns.
const vector = new BigUint64Array(2);
const vectorMemory = new FixedMemory(new Uint32Array(vector.buffer));

/**
 * `read` that never waits, whether the descriptor is non-blocking or not: O_NONBLOCK belongs to the open file, and
 * whoever shares it can take it away.
 *
 * @returns the number of bytes, or -errno as `read`; -EOPNOTSUPP where the kernel can't do so with this kind of file
 *   (on Linux 6.18 it can with pipes, eventfds, timerfds and signalfds), -ENOSYS where it can't at all
 */
export function readNow(fd: number, buf: Uint8Array): number {
  return transfer(preadv2, fd, buf);
}

/** `write` that never waits; as `readNow`. On Linux 6.18 the kernel can do so with pipes. */
export function writeNow(fd: number, buf: Uint8Array): number {
  return transfer(pwritev2, fd, buf);
}

function transfer(call: typeof preadv2, fd: number, buf: Uint8Array): number {
  int(fd, 'fd');
  const length = byteLengthOf(bytes(buf, 'buf'));
  vector[0] = length === 0 ? 0n : addressOf(buf);
  vector[1] = BigInt(length);
  const release = hold(buf);
  const answer = call(fd, vectorMemory.address, RWF_NOWAIT);
  release();
  return answer;
}

/** Whether the kernel can't read or write so: it must be asked with poll(2) first. */
export function lacksNoWait(answer: number): boolean {
  return answer === -EOPNOTSUPP || answer === -ENOSYS;
}

/** `readNow` for memory that is used over and over. */
export class FixedRead {
  readonly #memory: FixedMemory;
  #vector: FixedMemory | undefined;

  constructor(memory: FixedMemory) {
    this.#memory = memory;
  }

  /** @returns as `readNow`; `fd` is not checked */
  read(fd: number): number {
    this.#vector ??= vectorOf(this.#memory);
    return preadv2(fd, this.#vector.address, RWF_NOWAIT);
  }
}

function vectorOf({ address, view }: FixedMemory): FixedMemory {
  const own = BigUint64Array.of(BigInt(address), BigInt(view.byteLength));
  return new FixedMemory(new Uint32Array(own.buffer));
}
