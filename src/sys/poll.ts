import { describe, int } from './argument.ts';
import { answer, FixedMemory, foreign } from './ffi/foreign.ts';

const call = foreign('poll', ['pointer', 'ulong', 'int']);
const callAt = foreign('poll', ['address', 'ulong', 'int'], 'int', (bound) => {
  return (fds, count, timeout) => answer(bound()(fds, count, timeout));
});
const single = new DataView(new ArrayBuffer(8));
const singleMemory = new FixedMemory(new Uint32Array(single.buffer));
const pollfdSize = 8;
// More than any fs.nr_open allows to be open in practice, beyond which the kernel answers EINVAL: 128 MiB of structs.
const mostFds = 0x100_0000;

/** `struct pollfd`: `revents` is filled by `poll`. */
export interface PollFd {
  readonly fd: number;
  readonly events: number;
  revents: number;
}

/**
 * `int poll(struct pollfd *fds, nfds_t nfds, int timeout)` — asks for readiness without an epoll instance.
 *
 * @param fds a negative `fd` is skipped; `revents` of each is filled
 * @param timeoutMs milliseconds; 0 does not wait, a negative number waits for ever
 * @returns how many have a `revents` that is not 0, or -EINTR, -EINVAL, -ENOMEM
 * @throws {TypeError | RangeError} when an argument does not fit its C type
 * @see https://man7.org/linux/man-pages/man2/poll.2.html
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { close, eventfd, poll, POLLIN } from 'epoll-ts/sys';
 *
 * const fds = [{ fd: eventfd(1, 0), events: POLLIN, revents: 0 }];
 * assert.equal(poll(fds, 0), 1);
 * assert.equal(fds[0]?.revents, POLLIN);
 * for (const { fd } of fds) close(fd);
 * ```
 */
export function poll(fds: readonly PollFd[], timeoutMs: number): number {
  if (!Array.isArray(fds)) {
    throw new TypeError(`Cannot use 'fds' as it must be an array: current value is ${describe(fds)}`);
  }
  int(timeoutMs, 'timeoutMs');
  if (fds.length > mostFds) {
    throw new RangeError(
      `Cannot use 'fds' as it must have at most ${mostFds} entries: current length is ${fds.length}`,
    );
  }
  // A copy: a getter or a proxy could change the array's length between the allocation and the call.
  const list: readonly PollFd[] = [...fds];
  const view = new DataView(new ArrayBuffer(Math.max(1, list.length) * pollfdSize));
  list.forEach((entry, index) => encode(view, index * pollfdSize, entry.fd, entry.events));
  const result = call(view, list.length, timeoutMs);
  if (result >= 0) list.forEach((entry, index) => (entry.revents = view.getUint16(index * pollfdSize + 6, true)));
  return result;
}

/** `poll` for one descriptor: its `revents` (0: the time was over), or -errno. */
export function pollOne(fd: number, events: number, timeoutMs: number): number {
  encode(single, 0, fd, events);
  const result = callAt(singleMemory.address, 1, int(timeoutMs, 'timeoutMs'));
  return result < 0 ? result : single.getUint16(6, true);
}

function encode(view: DataView, at: number, fd: number, events: number): void {
  view.setInt32(at, int(fd, 'fd'), true);
  // `short events`: the C type is signed, but masks are used as 16 unsigned bits.
  view.setUint16(at + 4, int(events, 'events') & 0xffff, true);
  if ((events & 0xffff) !== events) {
    throw new RangeError(`Cannot use 'events' as it must be a mask of 16 bits: current value is ${events}`);
  }
  view.setUint16(at + 6, 0, true);
}
