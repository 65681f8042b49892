import { isMainThread } from 'node:worker_threads';
import { Reactor } from '../../reactor/reactor.ts';

let own: Reactor | undefined;
let closesAtExit = false;

/**
 * The reactor of this thread that sockets use where none is given: made at the first call, attached to the thread's
 * event loop while something waits in it, and closed when the thread ends by itself.
 *
 * @throws {SystemError} EMFILE, ENFILE, ENOMEM
 * @throws {UnsupportedError} where there is no epoll
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { threadReactor } from 'epoll-ts/net';
 *
 * assert.equal(threadReactor(), threadReactor());
 * assert.equal(threadReactor().snapshot().registrations.length, 0);
 * ```
 */
export function threadReactor(): Reactor {
  if (own !== undefined && !own.closed) return own;
  own = new Reactor();
  // A worker's descriptors stay open in the process when the worker ends. One listener, however often the reactor is
  // closed.
  if (!isMainThread && !closesAtExit) {
    closesAtExit = true;
    process.once('exit', () => own?.close());
  }
  return own;
}
