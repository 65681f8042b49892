import { EPIOCGPARAMS, EPIOCSPARAMS } from './abi/epoll.ts';
import { decodeEpollParams, encodeEpollParams, type EpollParams, epollParamsSize } from './abi/epollParams.ts';
import { describe, integerIn, uint } from './argument.ts';
import { ioctl } from './ioctl.ts';

/**
 * `int ioctl(int epfd, EPIOCSPARAMS, const struct epoll_params *argp)` — sets how the instance polls network devices
 * before it sleeps (Linux 6.9).
 *
 * @returns 0, or -EBADF, -EINVAL (a value out of range, or no epoll descriptor on some kernels), -ENOTTY (no epoll
 *   descriptor, or an older kernel), -EPERM (a budget above 64 needs CAP_NET_ADMIN), -EOPNOTSUPP (the kernel has no
 *   busy polling)
 * @throws {TypeError | RangeError} when a member does not fit its C type
 * @see https://man7.org/linux/man-pages/man2/ioctl_eventpoll.2.html
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { close, epoll_create1, epoll_get_params, epoll_set_params } from 'epoll-ts/sys';
 *
 * const epfd = epoll_create1(0);
 * if (epoll_set_params(epfd, { busyPollUsecs: 25, busyPollBudget: 16, preferBusyPoll: true }) === 0) {
 *   assert.deepEqual(epoll_get_params(epfd), { busyPollUsecs: 25, busyPollBudget: 16, preferBusyPoll: true });
 * }
 * close(epfd);
 * ```
 */
export function epoll_set_params(epfd: number, params: EpollParams): number {
  if (typeof params !== 'object' || params === null) {
    throw new TypeError(`Cannot use 'params' as it must be an object: current value is ${describe(params)}`);
  }
  const { busyPollUsecs, busyPollBudget, preferBusyPoll } = params;
  uint(busyPollUsecs, 'busyPollUsecs');
  integerIn(busyPollBudget, 'busyPollBudget', 0, 0xffff);
  if (typeof preferBusyPoll !== 'boolean') {
    throw new TypeError(
      `Cannot use 'preferBusyPoll' as it must be a boolean: current value is ${describe(preferBusyPoll)}`,
    );
  }
  return ioctl(epfd, EPIOCSPARAMS, encodeEpollParams({ busyPollUsecs, busyPollBudget, preferBusyPoll }));
}

/**
 * `int ioctl(int epfd, EPIOCGPARAMS, struct epoll_params *argp)` — gets the busy-poll parameters (Linux 6.9).
 *
 * @returns the parameters, or -EBADF, -ENOTTY, -EINVAL as a negative number
 * @throws {TypeError | RangeError} when `epfd` is no C int
 * @see https://man7.org/linux/man-pages/man2/ioctl_eventpoll.2.html
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { EBADF, epoll_get_params } from 'epoll-ts/sys';
 *
 * assert.equal(epoll_get_params(-1), -EBADF);
 * ```
 */
export function epoll_get_params(epfd: number): EpollParams | number {
  const bytes = new Uint8Array(epollParamsSize);
  const result = ioctl(epfd, EPIOCGPARAMS, bytes);
  return result < 0 ? result : decodeEpollParams(bytes);
}
