import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import * as sys from 'epoll-ts/sys';
import { interestList } from '../support/interestList.ts';
import { opened } from '../support/opened.ts';

const { EPOLL_CTL_ADD, EPOLLIN, KCMP_EPOLL_TFD, KCMP_FILE } = sys;
const self = process.pid;

test('kcmp tells whether two descriptors share an open file', (t) => {
  const fd = opened(t, sys.eventfd(0, 0));
  if (missing(t, fd)) return;
  const copy = opened(t, sys.dup(fd));
  const other = opened(t, sys.eventfd(0, 0));
  const compare = (a: number, b: number): number => sys.kcmp(self, self, KCMP_FILE, a, b);
  assert.equal(compare(fd, copy), 0);
  assert.ok([1, 2].includes(compare(fd, other)), 'an order');
  assert.equal(compare(fd, other) + compare(other, fd), 3, 'the opposite order the other way round');
  assert.equal(compare(fd, 0x7fff_ffff), -sys.EBADF);
  assert.equal(sys.kcmp(0x7fff_ffff, self, KCMP_FILE, fd, fd), -sys.ESRCH);
  assert.equal(sys.kcmp(self, self, 99, fd, fd), -sys.EINVAL);
});

test('KCMP_EPOLL_TFD finds a ghost: an entry whose number is another file by now', (t) => {
  const epfd = opened(t, sys.epoll_create1(0));
  const fd = opened(t, sys.eventfd(0, 0));
  if (missing(t, fd)) return;
  const survivor = opened(t, sys.dup(fd));
  const isRegistered = (candidate: number, toff = 0): number =>
    sys.kcmp(self, self, KCMP_EPOLL_TFD, candidate, { efd: epfd, tfd: fd, toff });
  assert.equal(isRegistered(fd), -sys.ENOENT, 'not watched yet');
  assert.equal(sys.epoll_ctl(epfd, EPOLL_CTL_ADD, fd, EPOLLIN, 1), 0);
  assert.deepEqual([isRegistered(fd), isRegistered(survivor)], [0, 0]);

  const replacement = opened(t, sys.eventfd(0, 0));
  assert.equal(sys.dup3(replacement, fd, 0), fd);
  assert.ok(isRegistered(fd) > 0, 'the number is another file now');
  assert.equal(isRegistered(survivor), 0, 'the entry watches what the survivor still holds open');
  assert.equal(sys.epoll_ctl(epfd, EPOLL_CTL_ADD, fd, EPOLLIN, 2), 0, 'the same number again');
  assert.deepEqual(
    interestList(epfd).map(({ tfd }) => tfd),
    [fd, fd],
  );
  const offsets = [0, 1].map((toff) => [isRegistered(fd, toff) === 0, isRegistered(survivor, toff) === 0]);
  assert.deepEqual(
    offsets.map(([now, ghost]) => now !== ghost),
    [true, true],
    'each entry is exactly one of them',
  );
  assert.notDeepEqual(offsets[0], offsets[1], 'toff selects among the entries of one number');
  assert.equal(isRegistered(fd, 2), -sys.ENOENT);
  assert.equal(isRegistered(fd, 2 ** 32 - 1), -sys.ENOENT);
});

/** Whether the kernel was built without kcmp; skips the test then. */
function missing(t: TestContext, fd: number): boolean {
  const answer = sys.kcmp(self, self, KCMP_FILE, fd, fd);
  const without = answer === -sys.ENOSYS || answer === -sys.EPERM;
  if (without) t.skip(`kcmp answers ${sys.errnoName(answer)}: no CONFIG_KCMP, or a sandbox`);
  return without;
}
