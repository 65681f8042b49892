import { EINVAL, ENOSYS, EPERM } from './abi/errno.ts';
import { encodeTimespec, maxTimespecNs, timespecSize } from './abi/timespec.ts';
import { bigintIn, int } from './argument.ts';
import { epoll_pwait, maxEvents } from './epoll.ts';
import { type EpollEventBuffer, eventWords } from './epollEventBuffer.ts';
import { type SignalSet, sigsetBytesOf } from './signalSet.ts';
import * as syscall from './syscall.ts';

const nsPerMs = 1_000_000n;
const maxTimeoutMs = 0x7fffffffn;
const kernelSigsetBytes = 8;
const timespec = new Uint8Array(timespecSize);
const timespecView = new DataView(timespec.buffer);

let missing = false;

/**
 * `int epoll_pwait2(int epfd, struct epoll_event *events, int maxevents, const struct timespec *, const sigset_t *)` —
 * `epoll_pwait` with a timeout in nanoseconds (Linux 5.11).
 *
 * The kernel may wake later than asked by the thread's timer slack (50 µs by default), never earlier. Where the kernel
 * lacks the call (ENOSYS) or a seccomp policy refuses it (EPERM, old container runtimes), this falls back to
 * `epoll_pwait` with the timeout rounded up to milliseconds, and remembers that for the thread's life.
 *
 * @param timeoutNs nanoseconds; 0n does not wait, null waits for ever; a negative duration is the kernel's EINVAL
 * @param sigmask the signals blocked while waiting; null leaves the mask as it is
 * @returns the number of events (0: the time was over), or -EBADF, -EINTR, -EINVAL
 * @throws {TypeError | RangeError} when an argument does not fit its C type, or `maxevents` is beyond the buffer
 * @see https://man7.org/linux/man-pages/man2/epoll_pwait2.2.html
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { close, epoll_create1, epoll_pwait2, EpollEventBuffer } from 'epoll-ts/sys';
 *
 * const epfd = epoll_create1(0);
 * const start = process.hrtime.bigint();
 * assert.equal(epoll_pwait2(epfd, new EpollEventBuffer(8), 8, 250_000n, null), 0);
 * assert.ok(process.hrtime.bigint() - start >= 250_000n);
 * close(epfd);
 * ```
 */
export function epoll_pwait2(
  epfd: number,
  buffer: EpollEventBuffer,
  maxevents: number,
  timeoutNs: bigint | null,
  sigmask: SignalSet | null,
): number {
  const words = eventWords(buffer);
  const max = maxEvents(maxevents, words);
  const set = sigsetBytesOf(sigmask, 'sigmask');
  int(epfd, 'epfd');
  if (timeoutNs !== null) bigintIn(timeoutNs, 'timeoutNs', -maxTimespecNs, maxTimespecNs);
  if (!missing) {
    if (timeoutNs !== null) encodeTimespec(timespecView, 0, timeoutNs);
    const timeout = timeoutNs === null ? null : timespec;
    const result = syscall.epoll_pwait2(epfd, words, max, timeout, set, kernelSigsetBytes);
    if (result !== -ENOSYS && result !== -EPERM) return result;
    missing = true;
  }
  return fallback(epfd, buffer, { maxevents, timeoutNs, sigmask });
}

interface Rest {
  readonly maxevents: number;
  readonly timeoutNs: bigint | null;
  readonly sigmask: SignalSet | null;
}

function fallback(epfd: number, buffer: EpollEventBuffer, { maxevents, timeoutNs, sigmask }: Rest): number {
  if (timeoutNs === null) return epoll_pwait(epfd, buffer, maxevents, -1, sigmask);
  // epoll_pwait would take a negative timeout for "for ever".
  if (timeoutNs < 0n) return -EINVAL;
  for (let left = timeoutNs; ; left -= maxTimeoutMs * nsPerMs) {
    const ms = roundedUpMs(left);
    const answer = epoll_pwait(epfd, buffer, maxevents, Number(ms < maxTimeoutMs ? ms : maxTimeoutMs), sigmask);
    // An int of milliseconds ends after 24.8 days: then the rest.
    if (answer !== 0 || ms <= maxTimeoutMs) return answer;
  }
}

/**
 * Nanoseconds as milliseconds: rounded up, so that a wait never ends early and 1 ns never becomes a busy loop of 0 ms.
 */
export function roundedUpMs(timeoutNs: bigint): bigint {
  return (timeoutNs + nsPerMs - 1n) / nsPerMs;
}
