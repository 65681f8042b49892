import { readlinkSync } from 'node:fs';
import {
  close,
  EAGAIN,
  EFD_CLOEXEC,
  EFD_NONBLOCK,
  EFD_SEMAPHORE,
  EINTR,
  eventfd,
  eventfd_read,
  eventfd_write,
  F_GETFD,
  F_GETFL,
  fcntl,
  O_NONBLOCK,
  POLLIN,
  POLLOUT,
} from '../sys/index.ts';
import { eventfdReadNow } from '../sys/eventfd.ts';
import { lacksNoWait } from '../sys/noWait.ts';
import { aBoolean, aCount } from '../sys/optionKind.ts';
import { optionsReader } from '../sys/optionsReader.ts';
import { created } from './advice.ts';
import { type FdLike, fdOf } from './fdLike.ts';
import { OwnedFd } from './ownedFd.ts';
import { pollNow } from './pollNow.ts';
import { readProcText } from './procText.ts';
import { check, SystemError } from './systemError.ts';
import { fdinfoField } from './fdinfo.ts';
import { inspectable } from './inspectable.ts';

/** How an `EventFd` starts. */
export interface EventFdOptions {
  /** The counter's first value, 0n to 2n ** 64n - 2n; 0n by default. A number must be a safe integer. */
  readonly initial?: bigint | number;
  /** Each `read()` takes 1 of the counter, not all of it; false by default. */
  readonly semaphore?: boolean;
}

// The kernel answers EINVAL to 2^64 - 1 (eventfd(2)).
const largest = 2n ** 64n - 2n;
const count = aCount(0n, largest);

const readOptions = optionsReader<{ readonly initial?: bigint; readonly semaphore?: boolean }>(
  'create an EventFd',
  '{ initial: 5 }',
  { initial: count, semaphore: aBoolean },
);

// What `from` hands to the constructor.
class Borrowed {
  readonly fd: number;

  constructor(fd: number) {
    this.fd = fd;
  }
}

/**
 * A counter of 64 bits in the kernel: readable while it is above 0, writable while 1 can be added without passing
 * 2n ** 64n - 2n. Any thread or process that has the descriptor can add to it, which is how one thread wakes another.
 *
 * The descriptor is close-on-exec and non-blocking.
 *
 * @see https://man7.org/linux/man-pages/man2/eventfd.2.html
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { EventFd } from 'epoll-ts';
 *
 * const counter = new EventFd({ initial: 2n });
 * counter.write(40n);
 * assert.equal(counter.read(), 42n);
 * assert.equal(counter.read(), null, 'a counter of 0 would block');
 * counter.close();
 * ```
 */
export class EventFd extends OwnedFd {
  static {
    inspectable(this.prototype, {
      fd: ({ fd }) => fd,
      count: ({ fd }) => BigInt(`0x${fdinfoField(fd, 'eventfd-count')}`),
    });
  }

  /**
   * @throws {TypeError} for an unknown option, or one of another type
   * @throws {RangeError} when `initial` is outside 0n to 2n ** 64n - 2n, or a number that is no safe integer
   * @throws {SystemError} EMFILE or ENFILE when there are too many open files
   */
  constructor(options?: EventFdOptions) {
    if (options instanceof Borrowed) super(options.fd, false);
    else super(create(options));
  }

  /**
   * Uses an eventfd that someone else made and closes: the descriptor of an `EventFd` of another thread, one that was
   * inherited. `close()` here leaves it open.
   *
   * Its flags stay as they are; `read()` and `write()` do not wait where it is blocking, either.
   *
   * @throws {TypeError} when the descriptor is not an eventfd
   * @throws {SystemError} EBADF when no file is open under the number
   * @example
   * ```ts
   * import assert from 'node:assert/strict';
   * import { EventFd } from 'epoll-ts';
   *
   * const owner = new EventFd();
   * const borrowed = EventFd.from(owner.fd);
   * borrowed.write();
   * borrowed.close();
   * assert.equal(owner.read(), 1n);
   * owner.close();
   * ```
   */
  static from(target: FdLike): EventFd {
    const fd = fdOf(target);
    check(fcntl(fd, F_GETFD), 'fcntl', { fd }, 'no file is open under this number');
    const file = readlinkSync(`/proc/self/fd/${fd}`);
    if (file !== 'anon_inode:[eventfd]') {
      throw new TypeError(`Cannot use fd ${fd} as an EventFd as it must be an eventfd: current file is '${file}'`);
    }
    return new EventFd(new Borrowed(fd) as EventFdOptions);
  }

  /**
   * Takes the counter, which becomes 0 - or 1 of it, where it is a semaphore.
   *
   * @returns null where the counter is 0 and the call would block
   * @throws {ClosedError} after `close()`
   * @throws {SystemError} EBADF when someone else closed the descriptor
   */
  read(): bigint | null {
    const fd = this.fd;
    for (;;) {
      let answer = eventfdReadNow(fd);
      if (typeof answer === 'bigint') return answer;
      if (lacksNoWait(answer)) answer = readAfterPoll(fd);
      if (typeof answer === 'bigint') return answer;
      if (answer === -EAGAIN) return null;
      if (answer !== -EINTR) throw new SystemError(answer, 'read', { fd });
    }
  }

  /**
   * Adds to the counter. Adding 0n succeeds and makes nothing readable.
   *
   * @param value 0n to 2n ** 64n - 2n; a number must be a safe integer
   * @returns false where the sum would pass 2n ** 64n - 2n and the call would block; the counter is as it was
   * @throws {TypeError} when the value is neither a bigint nor a number
   * @throws {RangeError} when it is outside the range, or a number that is no safe integer
   * @throws {ClosedError} after `close()`
   * @throws {SystemError} EBADF when someone else closed the descriptor
   */
  write(value: bigint | number = 1n): boolean {
    const fd = this.fd;
    const added = count(value, 'value', 'write');
    for (;;) {
      if (!hasRoom(fd, added)) return false;
      const answer = eventfd_write(fd, added);
      if (answer >= 0) return true;
      if (answer === -EAGAIN) return false;
      if (answer !== -EINTR) throw new SystemError(answer, 'write', { fd });
    }
  }
}

// The kernel has no write that does not wait for an eventfd that was made blocking: whether it was is asked first, a
// system call.
function hasRoom(fd: number, added: bigint): boolean {
  // The answer of a number that is not open, -EBADF, holds the bit, too: the write tells of it.
  if (added === 0n || (fcntl(fd, F_GETFL) & O_NONBLOCK) !== 0) return true;
  if (check(pollNow(fd, POLLOUT), 'poll', { fd }) === 0) return false;
  // POLLOUT says that there is room for 1.
  return added === 1n || counterOf(fd) + added <= largest;
}

function counterOf(fd: number): bigint {
  const [, digits] = /^eventfd-count:\s*([0-9a-f]+)/m.exec(readProcText(`/proc/self/fdinfo/${fd}`)) ?? [];
  return BigInt(`0x${digits ?? '0'}`);
}

function readAfterPoll(fd: number): bigint | number {
  const ready = pollNow(fd, POLLIN);
  if (ready < 0) return ready;
  return ready === 0 ? -EAGAIN : eventfd_read(fd);
}

function create(options: EventFdOptions | undefined): number {
  const { initial = 0n, semaphore = false } = readOptions(options);
  const small = initial <= 0xffff_ffffn;
  const flags = EFD_CLOEXEC | EFD_NONBLOCK | (semaphore ? EFD_SEMAPHORE : 0);
  const fd = created(eventfd(small ? Number(initial) : 0, flags), 'eventfd');
  if (small) return fd;
  // eventfd(2) takes 32 bits; a new counter has room for the rest.
  let answer = eventfd_write(fd, initial);
  while (answer === -EINTR) answer = eventfd_write(fd, initial);
  if (answer >= 0) return fd;
  close(fd);
  throw new SystemError(answer, 'write', { fd });
}
