import { describe, integerIn, mask } from '../sys/argument.ts';
import {
  EPOLL_CLOEXEC,
  EPOLL_CTL_ADD,
  EPOLL_CTL_DEL,
  EPOLL_CTL_MOD,
  epoll_create1,
  epoll_ctl,
  EpollEventBuffer,
  SignalSet,
} from '../sys/index.ts';
import { anInteger } from '../sys/optionKind.ts';
import { type OptionKind, optionsReader } from '../sys/optionsReader.ts';
import { created } from './advice.ts';
import { ClosedError } from './closedError.ts';
import { epollCtlAdvice } from './epollCtlAdvice.ts';
import { type EpollEntry, parseEpollFdinfo, readEpollEntries } from './epollEntry.ts';
import { type FdLike, fdOf } from './fdLike.ts';
import { milliseconds } from './milliseconds.ts';
import { type FdWatcher, isOwnedFd, OwnedFd, unwatchOwnedFd, watchOwnedFd } from './ownedFd.ts';
import { slicedWait } from './slicedWait.ts';
import { check, SystemError } from './systemError.ts';
import { inspectable } from './inspectable.ts';
import { readProcText } from './procText.ts';

/** How long `Epoll.wait` waits. Without a timeout: for ever. */
export interface WaitOptions {
  /** Milliseconds, fractions allowed, rounded up to nanoseconds; 0 does not wait. */
  readonly timeoutMs?: number;
  /** Nanoseconds; 0n does not wait. Not together with `timeoutMs`. */
  readonly timeoutNs?: bigint;
  /** Signals that the thread blocks while it waits, in place of its own mask. */
  readonly sigmask?: SignalSet;
  /** The most events to take; all that the buffer holds by default. */
  readonly maxevents?: number;
}

const aSignalSet: OptionKind<SignalSet> = (value, name, action) => {
  if (SignalSet.isSignalSet(value)) return value;
  throw new TypeError(`Cannot ${action} as '${name}' must be a SignalSet: current value is ${describe(value)}`);
};

const aTimeInNs: OptionKind<bigint> = (value, name, action) => {
  if (typeof value !== 'bigint') {
    throw new TypeError(`Cannot ${action} as '${name}' must be a bigint: current value is ${describe(value)}`);
  }
  if (value >= 0n) return value;
  throw new RangeError(`Cannot ${action} as '${name}' must not be negative: current value is ${describe(value)}`);
};

const readWaitOptions = optionsReader<WaitOptions>('wait', '{ timeoutMs: 100 }', {
  timeoutMs: milliseconds,
  timeoutNs: aTimeInNs,
  sigmask: aSignalSet,
  maxevents: anInteger(1, 0x7fff_ffff),
});

/**
 * An epoll instance: an interest list, and waiting on it. Close-on-exec.
 *
 * This is the kernel's interface as an object, for loops of one's own; `Reactor` adds handlers and the host's event
 * loop.
 *
 * An entry belongs to the open file and the number together. Our own objects leave the list when they are closed. A
 * plain number that is closed while a duplicate is open stays as a ghost: `delete` first; `entries()` shows it.
 *
 * @see https://man7.org/linux/man-pages/man7/epoll.7.html
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { Epoll, EventFd } from 'epoll-ts';
 * import { EpollEventBuffer, EPOLLIN, EPOLLONESHOT } from 'epoll-ts/sys';
 *
 * const ep = new Epoll();
 * const counter = new EventFd({ initial: 1n });
 * ep.add(counter, EPOLLIN | EPOLLONESHOT, 7n);
 * const events = new EpollEventBuffer(64);
 * assert.equal(ep.wait(events, { timeoutMs: 100 }), 1);
 * assert.equal(events.data(0), 7n);
 * assert.equal(ep.wait(events, { timeoutMs: 0 }), 0, 'a one-shot fires once');
 * ep.modify(counter, EPOLLIN | EPOLLONESHOT, 7n);
 * assert.equal(ep.wait(events, { timeoutMs: 100 }), 1, 'and again when armed');
 * counter.close();
 * ep.close();
 * ```
 */
export class Epoll extends OwnedFd {
  static {
    inspectable(this.prototype, {
      fd: ({ fd }) => fd,
      entries: ({ fd }) => parseEpollFdinfo(readProcText(`/proc/self/fdinfo/${fd}`)).length,
    });
  }

  // Strong on purpose: an object in the interest list is in use, and its collection would close the descriptor.
  readonly #targets = new Set<OwnedFd>();
  readonly #watcher: FdWatcher = { release: (target, fd) => this.#release(target, fd) };
  // By number: a `FileHandle` or a `net.Socket` does not say when it is closed.
  readonly #others = new Map<number, object>();

  /**
   * @throws {SystemError} EMFILE, ENFILE, ENOMEM
   * @throws {UnsupportedError} where there is no epoll
   */
  constructor(...none: never[]) {
    // C programs know epoll_create(size): a size that was silently dropped would look as if it meant something.
    if (none.length > 0)
      throw new TypeError(`Cannot create an Epoll as it takes no argument: current value is ${describe(none[0])}`);
    super(created(epoll_create1(EPOLL_CLOEXEC), 'epoll_create1'));
  }

  /**
   * Adds a descriptor to the interest list.
   *
   * @param target a number, or an object with one as `fd`
   * @param events the mask; EPOLLERR and EPOLLHUP are always in it
   * @param data 64 bits that come back with each event; the descriptor's number by default
   * @throws {SystemError} EPERM this kind of file can't be polled; EEXIST; EBADF; ELOOP; EINVAL; ENOSPC; ENOMEM: the
   *   message says what to do
   * @throws {ClosedError} when this or the target is closed
   * @throws {TypeError | RangeError} when an argument is wrong
   * @see https://man7.org/linux/man-pages/man2/epoll_ctl.2.html
   */
  add(target: FdLike, events: number, data?: number | bigint): void {
    const fd = this.#control(EPOLL_CTL_ADD, target, events, data);
    this.#others.delete(fd);
    if (isOwnedFd(target)) {
      this.#targets.add(target);
      watchOwnedFd(target, this.#watcher);
    } else if (typeof target === 'object') this.#others.set(fd, target);
  }

  /**
   * Changes an entry; also what arms a fired one-shot again. Reports readiness once more, in edge-triggered mode too.
   *
   * @param events the whole new mask
   * @param data the whole new data; the descriptor's number by default, not what it was
   * @throws {SystemError} ENOENT not in the list; EBADF; EINVAL for an entry with EPOLLEXCLUSIVE
   * @throws {ClosedError} when this or the target is closed
   * @throws {TypeError | RangeError} when an argument is wrong
   * @see https://man7.org/linux/man-pages/man2/epoll_ctl.2.html
   */
  modify(target: FdLike, events: number, data?: number | bigint): void {
    this.#control(EPOLL_CTL_MOD, target, events, data);
  }

  /**
   * Takes an entry out of the list.
   *
   * @throws {SystemError} ENOENT not in the list; EBADF the number is closed: a ghost can't be deleted by it
   * @throws {ClosedError} when this or the target is closed
   * @throws {TypeError | RangeError} when an argument is wrong
   * @see https://man7.org/linux/man-pages/man2/epoll_ctl.2.html
   */
  delete(target: FdLike): void {
    this.#others.delete(this.#control(EPOLL_CTL_DEL, target, 0));
    if (isOwnedFd(target) && this.#targets.delete(target)) unwatchOwnedFd(target, this.#watcher);
  }

  #assertOpen(): void {
    if (this.closed) throw new ClosedError('Epoll');
  }

  #control(op: number, target: FdLike, events: number, data?: number | bigint): number {
    this.#assertOpen();
    const fd = fdOf(target, 'target');
    const bits = mask(events, 'events');
    // Last: a getter of the target may have closed this, and the number may be another file's by now.
    const epfd = this.fd;
    const answer = epoll_ctl(epfd, op, fd, bits, data);
    if (answer < 0)
      throw new SystemError(answer, 'epoll_ctl', { fd }, epollCtlAdvice(answer, { epfd, op, fd, events: bits }));
    return fd;
  }

  /**
   * Waits for events; blocks the thread, and with it timers, promises and signal handlers of JavaScript.
   *
   * The wait is made of slices of at most 100 ms, so that `worker.terminate()` and `process.exit()` are not held up for
   * longer. A signal neither ends it nor moves its deadline. It never ends early; it may end late by the kernel's timer
   * slack.
   *
   * @returns how many entries of `events` are valid; 0 when the time was over
   * @throws {SystemError} EBADF when someone else closed the descriptor
   * @throws {ClosedError} after `close()`
   * @throws {TypeError | RangeError} when an argument is wrong
   * @see https://man7.org/linux/man-pages/man2/epoll_wait.2.html
   */
  wait(events: EpollEventBuffer, options?: WaitOptions): number {
    if (!EpollEventBuffer.isEpollEventBuffer(events)) {
      throw new TypeError(`Cannot wait as 'events' must be an EpollEventBuffer: current value is ${describe(events)}`);
    }
    this.#assertOpen();
    const given = readWaitOptions(options);
    const { sigmask = null, maxevents = events.capacity } = given;
    integerIn(maxevents, 'maxevents', 1, events.capacity);
    const timeoutMs = timeoutOf(given);
    // Last: a getter of the options may have closed this.
    const epfd = this.fd;
    return check(slicedWait({ epfd, buffer: events, maxevents, timeoutMs, sigmask }), 'epoll_wait', { fd: epfd });
  }

  /**
   * Reads the interest list back from the kernel (`/proc/self/fdinfo`): what is really in force.
   *
   * Not for hot paths: it reads and parses text, and asks kcmp(2) for each entry.
   *
   * @throws {ClosedError} after `close()`
   * @throws {SystemError} ENOENT when someone else closed the descriptor, EMFILE when there are too many open files
   * @see https://man7.org/linux/man-pages/man5/proc_pid_fdinfo.5.html
   */
  entries(): EpollEntry[] {
    return readEpollEntries(this.fd);
  }

  override close(): void {
    for (const target of this.#targets) unwatchOwnedFd(target, this.#watcher);
    this.#targets.clear();
    this.#others.clear();
    super.close();
  }

  // An object in the list is about to be closed.
  #release(target: OwnedFd, fd: number): void {
    this.#targets.delete(target);
    // The answer does not matter: ENOENT where the number was deleted, EBADF where someone else closed it.
    epoll_ctl(super.fd, EPOLL_CTL_DEL, fd); // a child class's own `fd` could throw
  }
}

function timeoutOf({ timeoutMs, timeoutNs }: WaitOptions): number {
  if (timeoutNs === undefined) return timeoutMs ?? Infinity;
  if (timeoutMs === undefined) return Number(timeoutNs) / 1e6;
  throw new TypeError("Cannot wait as only one of 'timeoutMs' and 'timeoutNs' may be given");
}
