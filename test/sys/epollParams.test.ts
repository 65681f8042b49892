import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import * as sys from 'epoll-ts/sys';
import { opened } from '../support/opened.ts';

test('the busy-poll parameters come back as they were set', (t) => {
  const epfd = busyPolling(t);
  if (epfd === undefined) return;
  assert.deepEqual(sys.epoll_get_params(epfd), { busyPollUsecs: 0, busyPollBudget: 0, preferBusyPoll: false });
  for (const params of [
    { busyPollUsecs: 25, busyPollBudget: 16, preferBusyPoll: true },
    { busyPollUsecs: 2 ** 31 - 1, busyPollBudget: 64, preferBusyPoll: false },
    { busyPollUsecs: 0, busyPollBudget: 0, preferBusyPoll: false },
  ]) {
    assert.equal(sys.epoll_set_params(epfd, params), 0);
    assert.deepEqual(sys.epoll_get_params(epfd), params);
  }
});

test('what the kernel refuses, and what is set stays', (t) => {
  const epfd = busyPolling(t);
  if (epfd === undefined) return;
  const params = { busyPollUsecs: 25, busyPollBudget: 16, preferBusyPoll: true };
  assert.equal(sys.epoll_set_params(epfd, params), 0);
  assert.equal(sys.epoll_set_params(epfd, { ...params, busyPollUsecs: 2 ** 31 }), -sys.EINVAL);
  const budget = sys.epoll_set_params(epfd, { ...params, busyPollBudget: 65535 });
  assert.ok(budget === 0 || budget === -sys.EPERM, `${sys.errnoName(budget)}: needs CAP_NET_ADMIN`);
  assert.equal(sys.epoll_set_params(epfd, params), 0);
  const padded = Uint8Array.of(1, 0, 0, 0, 1, 0, 0, 1);
  assert.equal(sys.ioctl(epfd, sys.EPIOCSPARAMS, padded), -sys.EINVAL, 'the padding must be 0');
  const preferring = Uint8Array.of(1, 0, 0, 0, 1, 0, 2, 0);
  assert.equal(sys.ioctl(epfd, sys.EPIOCSPARAMS, preferring), -sys.EINVAL, 'prefer_busy_poll is 0 or 1');
  assert.deepEqual(sys.epoll_get_params(epfd), params);
});

test('a descriptor that is no epoll instance has no parameters', (t) => {
  const answer = sys.epoll_get_params(opened(t, sys.eventfd(0, 0)));
  assert.equal(answer, -sys.ENOTTY);
  assert.equal(sys.epoll_get_params(-1), -sys.EBADF);
});

/** An epoll instance whose kernel has the ioctls; otherwise the test is skipped. */
function busyPolling(t: TestContext): number | undefined {
  const epfd = opened(t, sys.epoll_create1(0));
  const answer = sys.epoll_get_params(epfd);
  if (typeof answer !== 'number') return epfd;
  assert.ok([sys.ENOTTY, sys.EOPNOTSUPP, sys.EINVAL].includes(-answer), sys.errnoName(answer));
  t.skip(`this kernel can't busy-poll for an epoll instance: EPIOCGPARAMS gives ${sys.errnoName(answer)}`);
  return undefined;
}
