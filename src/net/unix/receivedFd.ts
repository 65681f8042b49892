import { OwnedFd } from '../../fd/ownedFd.ts';

/**
 * A descriptor that came with SCM_RIGHTS (`UnixStream.receiveFds`). It is close-on-exec, and owned by this object:
 * closed by `close()`, or with a warning when it is garbage-collected.
 *
 * `TcpStream.attach(received)` and the like take it over. `detach()` gives the bare number.
 *
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { readlinkSync } from 'node:fs';
 * import { EventFd } from 'epoll-ts';
 * import { UnixStream } from 'epoll-ts/net';
 *
 * const [a, b] = UnixStream.pair();
 * const counter = new EventFd();
 * await a.sendFds(Buffer.from('x'), [counter]);
 * const { fds } = await b.receiveFds(new Uint8Array(1));
 * for (const received of fds) {
 *   assert.match(readlinkSync(`/proc/self/fd/${received.fd}`), /eventfd/);
 *   received.close();
 * }
 * for (const object of [a, b, counter]) object.close();
 * ```
 */
export class ReceivedFd extends OwnedFd {
  /** @internal `fd` is taken over. */
  constructor(fd: number) {
    super(fd, true, ReceivedFd);
  }

  /**
   * Gives the descriptor away, open: this object is closed.
   *
   * @returns the number, which the caller must see closed
   * @throws {ClosedError} after `close()`
   */
  detach(): number {
    return this.giveAway();
  }
}

/** What `receiveFds` gives. */
export interface ReceivedFds {
  /** How many bytes were received; 0 at the end. */
  readonly bytes: number;
  /** What came with them, in the sender's order; close each. */
  readonly fds: readonly ReceivedFd[];
}
