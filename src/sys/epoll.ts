import { EPOLL_CTL_DEL } from './abi/epoll.ts';
import { epollEventLayout } from './abi/epollEventLayout.ts';
import { describe, int, integerIn, mask, uint64 } from './argument.ts';
import { capacityOf, type EpollEventBuffer, eventMemory, eventWords } from './epollEventBuffer.ts';
import type { EventBatch } from './eventBatch.ts';
import { answer, FixedMemory, foreign } from './ffi/foreign.ts';
import { type SignalSet, sigsetBytesOf } from './signalSet.ts';

const create1 = foreign('epoll_create1', ['int']);
const ctl = foreign('epoll_ctl', ['int', 'int', 'int', 'address'], 'int', (bound) => {
  return (epfd, op, fd, event) => answer(bound()(epfd, op, fd, event));
});
const wait = foreign('epoll_wait', ['int', 'address', 'int', 'int'], 'int', (bound) => {
  return (epfd, events, maxevents, timeout) => answer(bound()(epfd, events, maxevents, timeout));
});
const pwait = foreign('epoll_pwait', ['int', 'pointer', 'int', 'int', 'pointer']);

const { words, events: eventsAt, dataLow: dataLowAt, dataHigh: dataHighAt } = epollEventLayout(process.arch);
// One record per thread: epoll_ctl copies it before it returns, and no other JavaScript runs in between.
const record = new Uint32Array(words);
const recordMemory = new FixedMemory(record);
const NULL = 0;
// The memory that the kernel may write to now: reachable, whatever the compiler makes of the caller's variables.
const inUse: { memory: FixedMemory | undefined } = { memory: undefined };

/**
 * `int epoll_create1(int flags)` — makes an epoll instance.
 *
 * The caller owns the descriptor and closes it with `close`.
 *
 * @param flags 0 or EPOLL_CLOEXEC
 * @returns the descriptor, or -EINVAL, -EMFILE, -ENFILE, -ENOMEM
 * @throws {TypeError | RangeError} when an argument is no C int
 * @see https://man7.org/linux/man-pages/man2/epoll_create1.2.html
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { close, EINVAL, EPOLL_CLOEXEC, epoll_create1 } from 'epoll-ts/sys';
 *
 * const epfd = epoll_create1(EPOLL_CLOEXEC);
 * assert.ok(epfd >= 0);
 * assert.equal(epoll_create1(1), -EINVAL);
 * close(epfd);
 * ```
 */
export function epoll_create1(flags: number): number {
  return create1(int(flags, 'flags'));
}

/**
 * `int epoll_ctl(int epfd, int op, int fd, struct epoll_event *event)` — adds, modifies or deletes an entry of the
 * interest list.
 *
 * The entry belongs to the open file description and the number together: it does not leave the list when `fd` is
 * closed while a duplicate is open (epoll(7)). A fired EPOLLONESHOT entry stays in the list, disabled, until
 * EPOLL_CTL_MOD.
 *
 * @param op EPOLL_CTL_ADD, EPOLL_CTL_MOD or EPOLL_CTL_DEL
 * @param events the mask; `EPOLLIN | EPOLLET`, which JavaScript makes negative, is taken. Left out: a NULL event, which
 *   the kernel accepts for EPOLL_CTL_DEL only. EPOLL_CTL_DEL always passes NULL
 * @param data 64 bits that come back with each event: a bigint from 0n to 2n ** 64n - 1n or a number up to 2 ** 53 - 1;
 *   the descriptor by default
 * @returns 0, or -EBADF, -EEXIST, -EINVAL, -ELOOP, -ENOENT, -ENOMEM, -ENOSPC, -EPERM, -EFAULT
 * @throws {TypeError | RangeError} when an argument does not fit its C type
 * @see https://man7.org/linux/man-pages/man2/epoll_ctl.2.html
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { close, EPERM, EPOLL_CTL_ADD, epoll_create1, epoll_ctl, EPOLLIN, O_RDONLY, open } from 'epoll-ts/sys';
 *
 * const epfd = epoll_create1(0);
 * const fd = open('/dev/null', O_RDONLY);
 * assert.equal(epoll_ctl(epfd, EPOLL_CTL_ADD, fd, EPOLLIN), -EPERM);
 * close(fd);
 * close(epfd);
 * ```
 */
export function epoll_ctl(epfd: number, op: number, fd: number, events?: number, data?: number | bigint): number {
  int(epfd, 'epfd');
  int(op, 'op');
  int(fd, 'fd');
  const bits = events === undefined ? undefined : mask(events, 'events');
  if (typeof data === 'bigint') {
    uint64(data, 'data');
    return control(epfd, op, fd, bits, Number(data & 0xffff_ffffn), Number(data >> 32n));
  }
  const word = data === undefined ? fd >>> 0 : userData(data);
  return control(epfd, op, fd, bits, word >>> 0, Math.floor(word / 0x1_0000_0000));
}

function userData(data: number): number {
  if (typeof data !== 'number') {
    throw new TypeError(`Cannot use 'data' as it must be a number or a bigint: current value is ${describe(data)}`);
  }
  return integerIn(data, 'data', 0, Number.MAX_SAFE_INTEGER);
}

function control(epfd: number, op: number, fd: number, events: number | undefined, low: number, high: number): number {
  if (events === undefined || op === EPOLL_CTL_DEL) return ctl(epfd, op, fd, NULL);
  return epollCtlHalves(epfd, op, fd, events, low, high);
}

/**
 * `epoll_ctl` with the user data in two 32-bit halves, without a bigint: for the reactor's tokens. They and the mask
 * may be signed: V8 holds that without an object. Arguments are not checked.
 */
export function epollCtlHalves(
  epfd: number,
  op: number,
  fd: number,
  events: number,
  low: number,
  high: number,
): number {
  record[eventsAt] = events;
  record[dataLowAt] = low;
  record[dataHighAt] = high;
  return ctl(epfd, op, fd, recordMemory.address);
}

/**
 * `int epoll_wait(int epfd, struct epoll_event *events, int maxevents, int timeout)` — waits for events.
 *
 * Blocks the thread, and with it the host's event loop, `worker.terminate()` and `process.exit()`: `Epoll.wait` waits
 * in slices and does not. Level-triggered entries that don't fit into `maxevents` come with the next calls, in turn.
 *
 * @param buffer where the events go; its entries 0 to the result - 1 are valid
 * @param maxevents 1 to `buffer.capacity`
 * @param timeoutMs milliseconds; 0 does not wait, a negative number waits for ever
 * @returns the number of events (0: the time was over), or -EBADF, -EINTR, -EINVAL
 * @throws {TypeError | RangeError} when an argument does not fit its C type, or `maxevents` is beyond the buffer
 * @see https://man7.org/linux/man-pages/man2/epoll_wait.2.html
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { close, epoll_create1, epoll_wait, EpollEventBuffer } from 'epoll-ts/sys';
 *
 * const epfd = epoll_create1(0);
 * assert.equal(epoll_wait(epfd, new EpollEventBuffer(8), 8, 5), 0);
 * close(epfd);
 * ```
 */
export function epoll_wait(epfd: number, buffer: EpollEventBuffer, maxevents: number, timeoutMs: number): number {
  const memory = eventMemory(buffer);
  int(epfd, 'epfd');
  maxEvents(maxevents, memory.view);
  int(timeoutMs, 'timeoutMs');
  inUse.memory = memory;
  const count = wait(epfd, memory.address, maxevents, timeoutMs);
  inUse.memory = undefined;
  return count;
}

/**
 * `epoll_wait` over and over, for the reactor's turns. Arguments are not checked; the caller goes on to use the batch.
 */
export function epollWaitBatch(epfd: number, batch: EventBatch, maxevents: number, timeoutMs: number): number {
  return wait(epfd, batch.memory.address, maxevents, timeoutMs);
}

/** At most what the buffer holds; 0 and less go to the kernel, which answers EINVAL. */
export function maxEvents(maxevents: number, words: Uint32Array): number {
  if (int(maxevents, 'maxevents') > capacityOf(words)) integerIn(maxevents, 'maxevents', 1, capacityOf(words));
  return maxevents;
}

/**
 * `int epoll_pwait(int epfd, struct epoll_event *events, int maxevents, int timeout, const sigset_t *sigmask)` — waits
 * with the calling thread's signal mask replaced for the time of the wait, in one step.
 *
 * @param sigmask the signals blocked while waiting; null waits like `epoll_wait`
 * @returns the number of events, or -EBADF, -EINTR, -EINVAL
 * @throws {TypeError | RangeError} as `epoll_wait`
 * @see https://man7.org/linux/man-pages/man2/epoll_pwait.2.html
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { close, epoll_create1, epoll_pwait, EpollEventBuffer, SignalSet } from 'epoll-ts/sys';
 *
 * const epfd = epoll_create1(0);
 * assert.equal(epoll_pwait(epfd, new EpollEventBuffer(8), 8, 5, new SignalSet(['SIGHUP'])), 0);
 * close(epfd);
 * ```
 */
export function epoll_pwait(
  epfd: number,
  buffer: EpollEventBuffer,
  maxevents: number,
  timeoutMs: number,
  sigmask: SignalSet | null,
): number {
  const words = eventWords(buffer);
  const max = maxEvents(maxevents, words);
  return pwait(int(epfd, 'epfd'), words, max, int(timeoutMs, 'timeoutMs'), sigsetBytesOf(sigmask, 'sigmask'));
}
