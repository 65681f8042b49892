import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import * as sys from 'epoll-ts/sys';
import { opened, openedPair } from '../support/opened.ts';

const { EPOLL_CTL_ADD, EPOLL_CTL_DEL, EPOLL_CTL_MOD, EPOLLIN } = sys;

test('each failing call gives its own error', (t) => {
  for (const [name, call] of failingCalls(t)) assert.equal(sys.errnoName(call()), name);
});

test('100,000 calls, failing and not in turn, give the right answers while memory is collected', (t) => {
  const failing = failingCalls(t);
  const counter = opened(t, sys.eventfd(0, sys.EFD_NONBLOCK));
  const kept: unknown[] = [];
  for (let round = 0; round < 100_000; round++) {
    const [name, call] = failing[round % failing.length] ?? assert.fail();
    const answer = call();
    if (sys.errnoName(answer) !== name) assert.fail(`round ${round}: ${sys.errnoName(answer)} instead of ${name}`);
    if (round % 3 === 0) {
      const added = sys.eventfd_write(counter, BigInt(round));
      if (added !== 0) assert.fail(`round ${round}: ${added} for a call that succeeds`);
    }
    // Garbage of all sizes, some of which lives on: the collector and its system calls run in between.
    kept[round % 997] = { bytes: new Uint8Array(round % 5000), text: `${round}`.repeat(20) };
  }
  assert.equal(kept.length, 997);
});

test('errnoName knows every number that has a name, with either sign', () => {
  assert.deepEqual([1, -9, 11, 95, 133, 0, 41, -4095].map(sys.errnoName), [
    'EPERM',
    'EBADF',
    'EAGAIN',
    'EOPNOTSUPP',
    'EHWPOISON',
    'errno 0',
    'errno 41',
    'errno 4095',
  ]);
});

/** Calls, each with the name of the error that it gives, again and again. */
function failingCalls(t: TestContext): readonly (readonly [name: string, call: () => number])[] {
  const epfd = opened(t, sys.epoll_create1(0));
  const watched = opened(t, sys.eventfd(0, sys.EFD_NONBLOCK));
  const absent = opened(t, sys.eventfd(0, 0));
  const file = opened(t, sys.open('/dev/null', sys.O_RDWR));
  const [, widowed] = openedPair(t, sys.socketpair(sys.AF_UNIX, sys.SOCK_STREAM, 0));
  const outer = opened(t, sys.epoll_create1(0));
  const socket = opened(t, sys.socket(sys.AF_INET, sys.SOCK_STREAM, 0));
  assert.equal(sys.shutdown(widowed, sys.SHUT_WR), 0);
  assert.equal(sys.epoll_ctl(epfd, EPOLL_CTL_ADD, watched, EPOLLIN), 0);
  assert.equal(sys.epoll_ctl(outer, EPOLL_CTL_ADD, epfd, EPOLLIN), 0);
  const buffer = new sys.EpollEventBuffer(1);
  const bytes = new Uint8Array(1);
  return [
    ['EBADF', () => sys.epoll_ctl(epfd, EPOLL_CTL_ADD, 0x7fff_ffff, EPOLLIN)],
    ['EINVAL', () => sys.epoll_ctl(epfd, EPOLL_CTL_ADD, epfd, EPOLLIN)],
    ['EEXIST', () => sys.epoll_ctl(epfd, EPOLL_CTL_ADD, watched, EPOLLIN)],
    ['ENOENT', () => sys.epoll_ctl(epfd, EPOLL_CTL_MOD, absent, EPOLLIN)],
    ['ELOOP', () => sys.epoll_ctl(epfd, EPOLL_CTL_ADD, outer, EPOLLIN)],
    ['EPERM', () => sys.epoll_ctl(epfd, EPOLL_CTL_ADD, file, EPOLLIN)],
    ['EFAULT', () => sys.epoll_ctl(epfd, EPOLL_CTL_ADD, absent)],
    ['EAGAIN', () => Number(sys.eventfd_read(watched))],
    ['EPIPE', () => sys.send(widowed, bytes, sys.MSG_NOSIGNAL)],
    ['ENOTCONN', () => sys.shutdown(socket, sys.SHUT_RD)],
    ['ENOTSOCK', () => sys.listen(watched, 1)],
    ['ENOTTY', () => sys.ioctl(watched, 0x5401, bytes)],
    ['ENOTDIR', () => sys.open('/dev/null/x', sys.O_RDONLY)],
    ['EISDIR', () => sys.open('/', sys.O_WRONLY)],
    ['ESRCH', () => sys.tgkill(process.pid, 0x7fff_ffff, 0)],
    ['ENOPROTOOPT', () => sys.setsockopt(socket, sys.SOL_SOCKET, 9999, 1)],
    ['EAFNOSUPPORT', () => sys.socket(99, sys.SOCK_STREAM, 0)],
    // Some errors once more, where the kernel finds them elsewhere.
    ['EINVAL', () => sys.epoll_wait(epfd, buffer, 0, 0)],
    ['ENOENT', () => sys.epoll_ctl(epfd, EPOLL_CTL_DEL, absent)],
    ['EBADF', () => sys.close(0x7fff_ffff)],
  ];
}
