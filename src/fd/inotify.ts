import { describe } from '../sys/argument.ts';
import {
  decodeInotifyEvents,
  EINVAL,
  EMFILE,
  IN_CLOEXEC,
  IN_IGNORED,
  IN_ISDIR,
  IN_MASK_ADD,
  IN_MASK_CREATE,
  IN_NONBLOCK,
  IN_Q_OVERFLOW,
  inotify_add_watch,
  inotify_init1,
  inotify_rm_watch,
  type InotifyRecord,
} from '../sys/index.ts';
import { created } from './advice.ts';
import { instanceAdvice, watchAdvice } from './inotifyAdvice.ts';
import { OwnedFd } from './ownedFd.ts';
import { readAvailableAfterPoll } from './readAvailable.ts';
import { SystemError } from './systemError.ts';
import { inspectable } from './inspectable.ts';

/** One file or directory that an `Inotify` watches. It stays the same object when the file is watched again. */
export interface Watch {
  /** The kernel's number of the watch. */
  readonly wd: number;
  /**
   * The path as it was given last. The kernel watches the file, not the path: it does not change when the file is
   * moved.
   */
  readonly path: string | Uint8Array;
  /** What is watched: IN_… bits, unsigned. */
  readonly mask: number;
}

/** One event of an `Inotify`. */
export interface InotifyEvent {
  /** What it came from; null for an overflow. */
  readonly watch: Watch | null;
  /** IN_… bits, unsigned; `formatInotifyMask` names them. */
  readonly mask: number;
  /** The same number in the two events of a rename (IN_MOVED_FROM and IN_MOVED_TO), else 0. */
  readonly cookie: number;
  /**
   * The name inside the watched directory, bytes that are not UTF-8 replaced by U+FFFD; '' for the watched file itself.
   */
  readonly name: string;
  /** The name's bytes, as the file system has them. */
  readonly rawName: Uint8Array;
  /** Whether events before this one were lost (IN_Q_OVERFLOW): look at the files themselves. */
  readonly overflow: boolean;
  /** Whether it is about a directory (IN_ISDIR). */
  readonly isDirectory: boolean;
}

// An event takes at most 16 + 256 bytes; a smaller buffer is answered with EINVAL (inotify(7)).
const bufferSize = 65_536;
let buffer: Uint8Array | undefined;

/**
 * Events of the file system, as a queue: readable while there are some. The descriptor is close-on-exec and
 * non-blocking.
 *
 * The kernel joins an event that equals the last one in the queue with it, and drops events when the queue is full
 * (fs.inotify.max_queued_events): an event with `overflow` tells. Directories are not watched with what is below them.
 *
 * @see https://man7.org/linux/man-pages/man7/inotify.7.html
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
 * import { formatInotifyMask, Inotify } from 'epoll-ts';
 * import { IN_CLOSE_WRITE, IN_CREATE } from 'epoll-ts/sys';
 *
 * const folder = mkdtempSync('/tmp/inotify-');
 * const inotify = new Inotify();
 * inotify.watch(folder, IN_CREATE | IN_CLOSE_WRITE);
 * writeFileSync(`${folder}/new.txt`, 'hello');
 * const events = inotify.read() ?? [];
 * assert.deepEqual(
 *   events.map(({ name, mask }) => `${name} ${formatInotifyMask(mask)}`),
 *   ['new.txt IN_CREATE', 'new.txt IN_CLOSE_WRITE'],
 * );
 * inotify.close();
 * rmSync(folder, { recursive: true });
 * ```
 */
export class Inotify extends OwnedFd {
  static {
    inspectable(this.prototype, {
      fd: ({ fd }) => fd,
      watches: (own) => Array.from(own.#watches.values(), ({ path }) => path),
    });
  }

  // By wd. The kernel counts wds up, through 2^31 watches, before it gives one again (inotify(7), BUGS), so that events
  // still queued for a removed watch never meet the entry of a new one.
  readonly #watches = new Map<number, OwnWatch>();

  /**
   * @throws {SystemError} EMFILE when the user has too many inotify instances or the process too many open files,
   *   ENFILE.
   */
  constructor() {
    const answer = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    super(created(answer, 'inotify_init1', answer === -EMFILE ? instanceAdvice : ''));
  }

  /**
   * Watches a file or directory. One that is watched already, by whatever path, gets this mask - or these bits too,
   * with IN_MASK_ADD - and its `Watch` is returned again.
   *
   * @param path a string (as UTF-8) or the path's bytes
   * @param mask IN_… bits
   * @throws {TypeError | RangeError} when an argument does not fit its C type, or the path holds a NUL byte
   * @throws {ClosedError} after `close()`
   * @throws {SystemError} with the path: ENOENT, EACCES without read permission, ENOTDIR with IN_ONLYDIR, EEXIST with
   *   IN_MASK_CREATE, EINVAL for a mask without events, ENOSPC when the user has too many watches
   */
  watch(path: string | Uint8Array, mask: number): Watch {
    const fd = this.fd;
    const wd = inotify_add_watch(fd, path, mask);
    if (wd < 0) throw new SystemError(wd, 'inotify_add_watch', { fd, path: text(path) }, watchAdvice(wd));
    const known = this.#watches.get(wd);
    const added = (mask & IN_MASK_ADD) === 0 || known === undefined ? mask : mask | known.mask;
    const entry = known ?? new OwnWatch(this, wd);
    // A copy: Buffer's own slice() is none.
    entry.path = typeof path === 'string' ? path : new Uint8Array(path);
    entry.mask = (added & ~(IN_MASK_ADD | IN_MASK_CREATE)) >>> 0;
    this.#watches.set(wd, entry);
    return entry;
  }

  /**
   * Ends a watch. Its events that are queued already still come, then one with IN_IGNORED.
   *
   * @returns false when it had ended before: by `unwatch()`, IN_ONESHOT, or since its file was deleted or unmounted
   * @throws {TypeError} when the watch is not of this `Inotify`
   * @throws {ClosedError} after `close()`
   */
  unwatch(watch: Watch): boolean {
    const fd = this.fd;
    if (!(watch instanceof OwnWatch) || watch.owner !== this) {
      throw new TypeError(
        `Cannot use 'watch' as it must be what watch() of this Inotify returned: current value is ${describe(watch)}`,
      );
    }
    if (this.#watches.get(watch.wd) !== watch) return false;
    const answer = inotify_rm_watch(fd, watch.wd);
    // The kernel has ended it, and its IN_IGNORED waits in the queue.
    if (answer === -EINVAL) return false;
    if (answer < 0) throw new SystemError(answer, 'inotify_rm_watch', { fd });
    return true;
  }

  /**
   * Takes queued events, in order, as many as fit into 64 KiB: call it until it returns null.
   *
   * @returns null where there are none and the call would block
   * @throws {ClosedError} after `close()`
   * @throws {SystemError} EBADF when someone else closed the descriptor
   */
  read(): InotifyEvent[] | null {
    buffer ??= new Uint8Array(bufferSize);
    const count = readAvailableAfterPoll(this.fd, buffer);
    return count === null ? null : decodeInotifyEvents(buffer.subarray(0, count)).map((record) => this.#event(record));
  }

  #event({ wd, mask, cookie, name }: InotifyRecord): InotifyEvent {
    const watch = this.#watches.get(wd) ?? null;
    // The last event of a watch. Where an overflow swallows it, the entry stays: its wd is not given again.
    if ((mask & IN_IGNORED) !== 0) this.#watches.delete(wd);
    return {
      watch,
      mask,
      cookie,
      name: text(name),
      rawName: name,
      overflow: (mask & IN_Q_OVERFLOW) !== 0,
      isDirectory: (mask & IN_ISDIR) !== 0,
    };
  }
}

class OwnWatch implements Watch {
  // Private, so that printing a watch does not print the whole Inotify.
  readonly #owner: Inotify;
  readonly wd: number;
  path: string | Uint8Array = '';
  mask = 0;

  constructor(owner: Inotify, wd: number) {
    this.#owner = owner;
    this.wd = wd;
  }

  get owner(): Inotify {
    return this.#owner;
  }
}

function text(bytes: string | Uint8Array): string {
  return typeof bytes === 'string' ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
}
