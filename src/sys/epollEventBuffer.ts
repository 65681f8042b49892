import { describe, integerIn } from './argument.ts';
import { epollEventLayout } from './abi/epollEventLayout.ts';
import { FixedMemory } from './ffi/foreign.ts';

const layout = epollEventLayout(process.arch);
// Plain numbers, which the compiler folds into the accessors below.
const { words: stride, events: eventsAt, dataLow: dataLowAt, dataHigh: dataHighAt } = layout;
const bytesPerEvent = stride * 4;

// The kernel's own limit for maxevents: INT_MAX / sizeof(struct epoll_event) (EP_MAX_EVENTS in fs/eventpoll.c).
const maxCapacity = Math.floor(0x7fffffff / bytesPerEvent);

let wordsOf: (buffer: EpollEventBuffer) => Uint32Array;
let memoryOf: (buffer: EpollEventBuffer) => FixedMemory;

/**
 * `struct epoll_event[]`: the memory that `epoll_wait` fills, read in place. Nothing is copied and nothing is allocated
 * per event (except the bigint of `data`).
 *
 * The entries that the last wait answered are valid: 0 to its result - 1. Entries beyond it hold what was there before.
 *
 * @see https://man7.org/linux/man-pages/man2/epoll_wait.2.html
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { close, epoll_create1, epoll_ctl, epoll_wait, eventfd } from 'epoll-ts/sys';
 * import { EPOLL_CTL_ADD, EpollEventBuffer, EPOLLIN } from 'epoll-ts/sys';
 *
 * const epfd = epoll_create1(0);
 * const fd = eventfd(1, 0);
 * epoll_ctl(epfd, EPOLL_CTL_ADD, fd, EPOLLIN, 0xfedc_ba98_7654_3210n);
 * const buffer = new EpollEventBuffer(16);
 * assert.equal(epoll_wait(epfd, buffer, buffer.capacity, 0), 1);
 * assert.equal(buffer.events(0), EPOLLIN);
 * assert.equal(buffer.data(0), 0xfedc_ba98_7654_3210n);
 * close(fd);
 * close(epfd);
 * ```
 */
export class EpollEventBuffer {
  static {
    wordsOf = (buffer) => buffer.#words;
    memoryOf = (buffer) => (buffer.#memory ??= new FixedMemory(buffer.#words));
  }

  // The memory never leaves this object, so that nobody can detach or resize it under the kernel.
  readonly #words: Uint32Array;
  readonly #view: DataView;
  readonly #capacity: number;
  #memory: FixedMemory | undefined;

  /**
   * @param capacity how many events fit: an integer from 1 to INT_MAX / sizeof(struct epoll_event), the kernel's own
   *   limit
   * @throws {TypeError} when it is no number
   * @throws {RangeError} when it is out of range, or the memory can't be had
   */
  constructor(capacity: number) {
    this.#capacity = integerIn(capacity, 'capacity', 1, maxCapacity);
    this.#words = new Uint32Array(capacity * stride);
    this.#view = new DataView(this.#words.buffer);
  }

  /** How many events fit. */
  get capacity(): number {
    return this.#capacity;
  }

  /** The event mask of entry `index`, unsigned. @throws {RangeError} outside the buffer. */
  events(index: number): number {
    return this.#words[this.#at(index) + eventsAt] as number;
  }

  /** The user data of entry `index`: all 64 bits, unsigned. @throws {RangeError} outside the buffer. */
  data(index: number): bigint {
    return this.#view.getBigUint64((this.#at(index) + dataLowAt) * 4, true);
  }

  /** The low 32 bits of the user data, unsigned, without allocating. @throws {RangeError} outside the buffer. */
  dataLow(index: number): number {
    return this.#words[this.#at(index) + dataLowAt] as number;
  }

  /** The high 32 bits of the user data, unsigned, without allocating. @throws {RangeError} outside the buffer. */
  dataHigh(index: number): number {
    return this.#words[this.#at(index) + dataHighAt] as number;
  }

  #at(index: number): number {
    if (typeof index !== 'number' || (index | 0) !== index || index < 0 || index >= this.#capacity) {
      integerIn(index, 'index', 0, this.#capacity - 1);
    }
    return index * stride;
  }

  static isEpollEventBuffer(value: unknown): value is EpollEventBuffer {
    return typeof value === 'object' && value !== null && #words in value;
  }
}

/**
 * How many events fit into the memory: what counts, whatever a subclass or a shadowing property says of the capacity.
 */
export function capacityOf(words: Uint32Array): number {
  return words.length / stride;
}

/**
 * The memory behind a buffer, for the calls that fill it.
 *
 * @throws {TypeError} for anything else than an EpollEventBuffer.
 */
export function eventWords(buffer: EpollEventBuffer): Uint32Array {
  if (!EpollEventBuffer.isEpollEventBuffer(buffer)) {
    throw new TypeError(`Cannot use 'buffer' as it must be an EpollEventBuffer: current value is ${describe(buffer)}`);
  }
  return wordsOf(buffer);
}

/** The same memory with its address, for the call that fills it over and over. @throws {TypeError} as `eventWords`. */
export function eventMemory(buffer: EpollEventBuffer): FixedMemory {
  eventWords(buffer);
  return memoryOf(buffer);
}
