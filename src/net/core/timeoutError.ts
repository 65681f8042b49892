import { describeSubject, type SystemErrorSubject } from '../../fd/systemError.ts';

/**
 * What an operation with `timeoutMs` is rejected with when its time is over. It names the call, and whom it was about.
 *
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { TcpListener, TimeoutError } from 'epoll-ts/net';
 *
 * const listener = new TcpListener({ address: '127.0.0.1' });
 * await assert.rejects(listener.accept({ timeoutMs: 5 }), (error) => {
 *   return error instanceof TimeoutError && error.code === 'ETIMEDOUT' && error.syscall === 'accept';
 * });
 * listener.close();
 * ```
 */
export class TimeoutError extends Error {
  static {
    // Not assigned: that throws where Error.prototype is frozen.
    Object.defineProperty(this.prototype, 'name', { value: 'TimeoutError', configurable: true, writable: true });
  }
  readonly code = 'ETIMEDOUT';
  /** What took too long: `'read'`, `'connect'`, … */
  readonly syscall: string;
  declare readonly fd?: number;
  /** The path it was about, if any. */
  declare readonly path?: string;
  /** The IP address, or the host, it was about, if any, and its `port`. */
  declare readonly address?: string;
  declare readonly port?: number;

  constructor(syscall: string, timeoutMs: number, subject: SystemErrorSubject = {}) {
    super(`ETIMEDOUT: ${syscall}${describeSubject(subject)}: it took longer than ${timeoutMs} ms`);
    this.syscall = syscall;
    Object.assign(this, subject);
  }
}
