import { describe } from '../sys/argument.ts';
import { close, EBADF, EINTR } from '../sys/index.ts';
import { ClosedError } from './closedError.ts';
import { fdOf } from './fdLike.ts';
import { SystemError } from './systemError.ts';
import { inspectable } from './inspectable.ts';

/** Something that watches a descriptor and must let go of it before it is closed: an epoll instance. */
export interface FdWatcher {
  /** Takes the descriptor out of the interest list. Must not throw: the target would stay open. */
  release(target: OwnedFd, fd: number): void;
}

interface Unclosed {
  readonly kind: string;
  readonly fd: number;
  readonly createdAt: string;
  /** What must be done first. */
  before?: () => void;
}

// A descriptor whose owner was collected can't be closed by anyone else any more: it is closed here, and the program
// told where it came from, since when that happens is up to the garbage collector.
const unclosed = new FinalizationRegistry<Unclosed>(({ kind, fd, createdAt, before }) => {
  before?.();
  close(fd);
  const what = `${kind} with fd ${fd} was garbage-collected without close() and has been closed now`;
  const message = `${what}; created ${createdAt}`;
  process.emitWarning(message, { type: 'UnclosedFdWarning', code: 'EPOLL_TS_UNCLOSED' });
});

let setBefore: (target: OwnedFd, run: () => void) => void;

const unknownPlace = 'at an unknown place';

// Two copies of this package can be in one process (two dependencies have one each). Their objects are of two classes,
// and know each other by these: a method that takes a watcher, and one that lets go of it.
const watch: unique symbol = Symbol.for('epoll-ts.OwnedFd.watch') as never;
const unwatch: unique symbol = Symbol.for('epoll-ts.OwnedFd.unwatch') as never;

interface Watched {
  [watch](watcher: FdWatcher): void;
  [unwatch](watcher: FdWatcher): void;
}

/**
 * Owns one file descriptor: the base of every object here. Closed once, by `close()`, by `using`, or - with a warning
 * that names where it was made - when it is garbage-collected.
 *
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { OwnedFd } from 'epoll-ts';
 * import { EBADF, F_GETFD, fcntl, O_CLOEXEC, O_RDONLY, open } from 'epoll-ts/sys';
 *
 * class Device extends OwnedFd {
 *   constructor(path: string) {
 *     super(open(path, O_RDONLY | O_CLOEXEC));
 *   }
 * }
 * const device = new Device('/dev/zero');
 * const { fd } = device;
 * device.close();
 * assert.equal(fcntl(fd, F_GETFD), -EBADF);
 * assert.throws(() => device.fd, { code: 'ERR_EPOLL_CLOSED' });
 * ```
 */
export abstract class OwnedFd {
  static {
    inspectable(this.prototype, { fd: ({ fd }) => fd });
  }

  // -1 after close. A number, not an object, so that the hot calls of the subclasses pay one comparison.
  #fd: number;
  readonly #unclosed: Unclosed | undefined;
  #watchers: Set<FdWatcher> | undefined;

  /**
   * @param fd an open descriptor
   * @param owned false for one that someone else closes
   * @param origin the constructor that the program called, whose caller the warning names: a `Pipe` makes its ends; or
   *   a text in its place, where no line of the program made it, as to look for one is half of what an object costs
   * @throws {TypeError | RangeError} for what can't be a descriptor
   */
  protected constructor(fd: number, owned = true, origin: Function | string = new.target) {
    // A text or a fraction would be refused only by close(), and by the garbage collector's: as an uncaught exception.
    this.#fd = fdOf(fd);
    if (!owned) return;
    const createdAt = typeof origin === 'string' ? origin : creationSite(origin);
    this.#unclosed = { kind: className(new.target), fd, createdAt };
    unclosed.register(this, this.#unclosed, this);
  }

  /** The descriptor's number. @throws {ClosedError} after `close()`. */
  get fd(): number {
    if (this.#fd < 0) throw new ClosedError(this.constructor.name);
    return this.#fd;
  }

  /** Whether `close()` was called. */
  get closed(): boolean {
    return this.#fd < 0;
  }

  /**
   * Takes the descriptor out of every `Epoll` and `Reactor` of this thread that watches it, then closes it (a borrowed
   * one is left open). Calling it again does nothing.
   *
   * @throws {SystemError} EBADF when someone else closed the number, EIO or ENOSPC when the file could not be flushed;
   *   the object is closed all the same
   */
  close(): void {
    const fd = this.#fd;
    if (fd < 0) return;
    this.leaveWatchers();
    // An AbortSignal whose listener was removed may have closed it meanwhile: the number may be another file's.
    if (this.#fd < 0) return;
    this.#fd = -1;
    if (this.#unclosed === undefined) return;
    unclosed.unregister(this);
    const result = close(fd);
    // Linux has closed the descriptor by the time EINTR is answered (close(2)): closing again could hit another file.
    if (result >= 0 || result === -EINTR) return;
    const advice = result === -EBADF ? 'someone else closed this number: look for a close of a borrowed fd' : '';
    throw new SystemError(result, 'close', { fd }, advice);
  }

  /**
   * Gives the descriptor away, open: it leaves every `Epoll` and `Reactor` of this thread, and this object is closed.
   *
   * @returns the number, which the caller must see closed
   * @throws {ClosedError} after `close()`
   */
  protected giveAway(): number {
    // Not a child class's `fd`, as in close(): this descriptor has no owner after that.
    const fd = this.#fd;
    if (fd < 0) throw new ClosedError(this.constructor.name);
    this.leaveWatchers();
    if (this.#fd < 0) throw new ClosedError(this.constructor.name);
    this.#fd = -1;
    if (this.#unclosed !== undefined) unclosed.unregister(this);
    return fd;
  }

  /** Takes the descriptor out of every `Epoll` and `Reactor` of this thread, and keeps it. */
  protected leaveWatchers(): void {
    for (const watcher of this.#watchers ?? []) watcher.release(this, this.#fd);
    this.#watchers = undefined;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  static {
    setBefore = (target, run) => {
      if (target.#unclosed !== undefined) target.#unclosed.before = run;
    };
    Object.defineProperty(this.prototype, watch, {
      value(this: OwnedFd, watcher: FdWatcher): void {
        // Another copy of the package calls this, and whoever finds the symbol: close() must not meet anything else.
        if (typeof (watcher as FdWatcher | null | undefined)?.release !== 'function') {
          const rule = `it must be an object with a function 'release': current value is ${describe(watcher)}`;
          throw new TypeError(`Cannot use 'watcher' as ${rule}`);
        }
        (this.#watchers ??= new Set()).add(watcher);
      },
    });
    Object.defineProperty(this.prototype, unwatch, {
      value(this: OwnedFd, watcher: FdWatcher): void {
        this.#watchers?.delete(watcher);
      },
    });
  }
}

/**
 * Whether an object owns its descriptor as those of this package do: it is an `OwnedFd` of this copy of it, or of
 * another.
 */
export function isOwnedFd(value: unknown): value is OwnedFd {
  return typeof value === 'object' && value !== null && watch in value && typeof value[watch] === 'function';
}

/** Has `watcher.release` called before the target is closed. */
export function watchOwnedFd(target: OwnedFd, watcher: FdWatcher): void {
  (target as unknown as Watched)[watch](watcher);
}

/**
 * Has something done first where the descriptor's object is garbage-collected, while it is open. `run` must not hold
 * the object.
 */
export function beforeCollected(target: OwnedFd, run: () => void): void {
  setBefore(target, run);
}

/** Ends what `watchOwnedFd` began. */
export function unwatchOwnedFd(target: OwnedFd, watcher: FdWatcher): void {
  (target as unknown as Watched)[unwatch](watcher);
}

// Both run a program's code (a static getter, Error.prepareStackTrace). The descriptor is open by now: a throw would
// leave it without an owner, for ever.
function className(constructor: Function): string {
  try {
    const name: unknown = constructor.name;
    return typeof name === 'string' ? name : 'OwnedFd';
  } catch {
    return 'OwnedFd';
  }
}

// Only the line that called the constructor, as text: the frames of an Error object would keep `this` alive for ever,
// and the warning would never come.
function creationSite(constructor: Function): string {
  try {
    return callerOf(constructor) ?? unknownPlace;
  } catch {
    return unknownPlace;
  }
}

function callerOf(constructor: Function): string | undefined {
  const limit = Error.stackTraceLimit;
  // Not assigned: a hardened program has frozen Error. All frames are taken then, which costs more.
  const limited = typeof limit === 'number' && Reflect.set(Error, 'stackTraceLimit', 1);
  try {
    const trace: { stack?: unknown } = {};
    Error.captureStackTrace(trace, constructor);
    // A program can have Error.prepareStackTrace answer something else than text.
    return typeof trace.stack === 'string' ? trace.stack.split('\n').at(1)?.trim() : undefined;
  } finally {
    if (limited) Reflect.set(Error, 'stackTraceLimit', limit);
  }
}
