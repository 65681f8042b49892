import { int } from './argument.ts';
import { foreign } from './ffi/foreign.ts';
import { type SignalSet, sigsetBytesOf } from './signalSet.ts';

// The one function here whose C form returns the error number itself, not -1.
const call = foreign('pthread_sigmask', ['int', 'pointer', 'pointer']);

/**
 * `int pthread_sigmask(int how, const sigset_t *set, sigset_t *oldset)` — changes which signals the calling thread
 * blocks.
 *
 * @param how SIG_BLOCK, SIG_UNBLOCK or SIG_SETMASK
 * @param set null changes nothing
 * @param oldset filled with the mask before, when given
 * @returns 0, or -EINVAL
 * @throws {TypeError | RangeError} when an argument does not fit its C type
 * @see https://man7.org/linux/man-pages/man3/pthread_sigmask.3.html
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { pthread_sigmask, SIG_BLOCK, SIG_SETMASK, SignalSet } from 'epoll-ts/sys';
 *
 * const before = new SignalSet();
 * assert.equal(pthread_sigmask(SIG_BLOCK, new SignalSet(['SIGUSR2']), before), 0);
 * pthread_sigmask(SIG_SETMASK, before);
 * ```
 */
export function pthread_sigmask(how: number, set: SignalSet | null, oldset?: SignalSet): number {
  const old = oldset === undefined ? null : sigsetBytesOf(oldset, 'oldset');
  const error = call(int(how, 'how'), sigsetBytesOf(set, 'set'), old);
  return error === 0 ? 0 : -error;
}
