import { errnoName } from '../sys/index.ts';

/** Which object a failed call was about. */
export interface SystemErrorSubject {
  readonly fd?: number;
  readonly path?: string;
  /** The IP address of a socket's other end, or of its own for `bind`. */
  readonly address?: string;
  readonly port?: number;
}

/**
 * Thrown when the kernel refuses a call. Shaped like Node's own system errors: `code` is the C name, `errno` is
 * negative.
 *
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { openSync } from 'node:fs';
 * import { Epoll, SystemError } from 'epoll-ts';
 * import { EPOLLIN } from 'epoll-ts/sys';
 *
 * const ep = new Epoll();
 * const fd = openSync('/dev/null', 'r');
 * assert.throws(
 *   () => ep.add(fd, EPOLLIN),
 *   (error) => error instanceof SystemError && error.code === 'EPERM' && error.fd === fd,
 * );
 * ep.close();
 * ```
 */
export class SystemError extends Error {
  static {
    // Not assigned: that throws where Error.prototype is frozen.
    Object.defineProperty(this.prototype, 'name', { value: 'SystemError', configurable: true, writable: true });
  }
  /** The C name: `'EBADF'`. */
  readonly code: string;
  /** The number as Node gives it: negative. */
  readonly errno: number;
  /** The call that failed: `'epoll_ctl'`. */
  readonly syscall: string;
  /** The descriptor it was about, if any. */
  declare readonly fd?: number;
  /** The path it was about, if any. */
  declare readonly path?: string;
  /** The IP address it was about, if any, and its `port`: as Node's own errors have them. */
  declare readonly address?: string;
  declare readonly port?: number;

  /**
   * @param answer what the call returned: -errno
   * @param syscall the call's name
   * @param subject the descriptor or path
   * @param advice what the caller can do, after the colon of the message
   */
  constructor(answer: number, syscall: string, subject: SystemErrorSubject = {}, advice = '') {
    const code = errnoName(answer);
    super(`${code}: ${syscall}${describeSubject(subject)}${advice === '' ? '' : `: ${advice}`}`);
    this.code = code;
    this.errno = -Math.abs(answer);
    this.syscall = syscall;
    Object.assign(this, subject);
  }
}

/** How a message names what a call was about: with a blank before it; "" for nothing. */
export function describeSubject({ path, address, port, fd }: SystemErrorSubject): string {
  if (path !== undefined) return ` ${path}`;
  if (address !== undefined) return ` ${address.includes(':') ? `[${address}]` : address}:${port}`;
  return fd === undefined ? '' : ` fd ${fd}`;
}

/** The answer of a `sys` call, or a SystemError where it is negative. */
export function check(answer: number, syscall: string, subject?: SystemErrorSubject, advice?: string): number {
  if (answer < 0) throw new SystemError(answer, syscall, subject, advice);
  return answer;
}
