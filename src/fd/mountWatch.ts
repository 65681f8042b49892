import { describe } from '../sys/argument.ts';
import { close, O_CLOEXEC, O_NONBLOCK, O_RDONLY, open } from '../sys/index.ts';
import { created } from './advice.ts';
import { type Mount, type MountChanges, mountChanges, parseMountInfo } from './mountInfo.ts';
import { OwnedFd } from './ownedFd.ts';
import { readWhole } from './readWhole.ts';

const file = '/proc/self/mountinfo';

/**
 * Says what is mounted and unmounted in the mount namespace of this process. Readiness is EPOLLPRI with EPOLLERR:
 * register it with `{ priority: true }`, and call `read()` at each event.
 *
 * The kernel tells that the list is another one; `read()` finds what came and went by the numbers of the mounts.
 * Changes between two calls are told together, and what was mounted and unmounted meanwhile is not told. A mount that
 * comes while the list is read makes an event of its own. EPOLLIN is always reported: do not ask for it.
 *
 * An event is used up by being asked for: do not poll the descriptor beside what watches it. Close-on-exec and
 * non-blocking.
 *
 * @see https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { MountWatch, Reactor } from 'epoll-ts';
 *
 * const watch = new MountWatch();
 * const reactor = new Reactor();
 * reactor.register(watch, { priority: true }, () => {
 *   for (const { mountPoint, type } of watch.read()?.added ?? []) console.log(`${type} on ${mountPoint}`);
 * });
 * assert.ok(watch.mounts.some(({ type }) => type === 'proc'));
 * watch.close();
 * reactor.close();
 * ```
 */
export class MountWatch extends OwnedFd {
  #mounts: readonly Mount[];

  /** @throws {SystemError} ENOENT where there is no `/proc`, EMFILE or ENFILE when there are too many open files */
  constructor(...none: never[]) {
    if (none.length > 0) {
      throw new TypeError(`Cannot create a MountWatch as it takes no argument: current value is ${describe(none[0])}`);
    }
    // The kernel counts from the time of the opening: what is mounted after it is an event.
    const fd = created(open(file, O_RDONLY | O_NONBLOCK | O_CLOEXEC), 'open');
    let mounts: readonly Mount[];
    try {
      mounts = parseMountInfo(readWhole(fd));
    } catch (error) {
      close(fd);
      throw error;
    }
    super(fd);
    this.#mounts = mounts;
  }

  /** The mounts as they were found last: by the constructor, or by `read()`. */
  get mounts(): readonly Mount[] {
    return this.#mounts;
  }

  /**
   * What has changed since the last call.
   *
   * @returns null where nothing has
   * @throws {ClosedError} after `close()`
   * @throws {SystemError} EBADF when someone else closed the descriptor
   */
  read(): MountChanges | null {
    const now = parseMountInfo(readWhole(this.fd));
    const changes = mountChanges(this.#mounts, now);
    this.#mounts = now;
    return changes;
  }
}
