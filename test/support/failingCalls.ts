import { type Argument, backend } from '#epoll/sys/ffi/backend.js';

/** Answers -errno in place of a call, or undefined to let C do it. */
export type Refuse = (symbol: string, args: readonly Argument[]) => number | undefined;

/**
 * From now on some calls fail as a kernel's would that is older, or out of memory. Only before any foreign function was
 * called in this process, as the first call binds them all.
 *
 * @returns changes which calls fail
 */
export function failCalls(): (refuse: Refuse | undefined) => void {
  const real = backend();
  const { bind, errno } = real;
  let refuse: Refuse | undefined;
  let failed = 0;
  real.bind = (symbol, kinds, result) => {
    const call = bind.call(real, symbol, kinds, result);
    return (...args) => {
      const answer = refuse?.(symbol, args);
      failed = answer ?? 0;
      return answer === undefined ? call(...args) : -1;
    };
  };
  real.errno = () => (failed === 0 ? errno.call(real) : -failed);
  return (next) => {
    refuse = next;
  };
}
