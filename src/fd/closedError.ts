/**
 * Thrown when an object is used after its `close()`, and the reason with which its pending waits are rejected.
 *
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { ClosedError, EventFd } from 'epoll-ts';
 *
 * const counter = new EventFd();
 * counter.close();
 * assert.throws(() => counter.read(), ClosedError);
 * ```
 */
export class ClosedError extends Error {
  static {
    // Not assigned: that throws where Error.prototype is frozen.
    Object.defineProperty(this.prototype, 'name', { value: 'ClosedError', configurable: true, writable: true });
  }
  readonly code = 'ERR_EPOLL_CLOSED';

  /** @param object what was closed, as it stands in the message: `'EventFd'` */
  constructor(object: string) {
    super(`Cannot use this ${object} as it is closed`);
  }
}
