/**
 * Thrown on first use, never at import, where epoll cannot be reached: another system than Linux, a CPU whose layouts
 * are not known, or a runtime without a foreign-function backend; and by `SignalFd` for a signal that can't be read
 * safely.
 *
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { UnsupportedError } from 'epoll-ts';
 *
 * const error = new UnsupportedError('Cannot use epoll as it exists on Linux only: current platform is darwin');
 * assert.equal(error.code, 'ERR_EPOLL_UNSUPPORTED');
 * ```
 */
export class UnsupportedError extends Error {
  static {
    // Not assigned: that throws where Error.prototype is frozen.
    Object.defineProperty(this.prototype, 'name', { value: 'UnsupportedError', configurable: true, writable: true });
  }
  readonly code = 'ERR_EPOLL_UNSUPPORTED';
}
