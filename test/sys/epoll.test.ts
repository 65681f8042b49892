import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import * as sys from 'epoll-ts/sys';
import { interestList } from '../support/interestList.ts';
import { opened, openedPair } from '../support/opened.ts';

const { EPOLL_CTL_ADD, EPOLL_CTL_DEL, EPOLL_CTL_MOD, EPOLLET, EPOLLIN, EPOLLONESHOT, EPOLLOUT } = sys;

test('epoll_create1 makes a descriptor, with close-on-exec where asked', (t) => {
  const plain = opened(t, sys.epoll_create1(0));
  const closing = opened(t, sys.epoll_create1(sys.EPOLL_CLOEXEC));
  assert.equal(sys.fcntl(plain, sys.F_GETFD), 0);
  assert.equal(sys.fcntl(closing, sys.F_GETFD), sys.FD_CLOEXEC);
});

test('each of the 64 bits of the data comes back', (t) => {
  const { epfd, fd } = readyOne(t);
  const buffer = new sys.EpollEventBuffer(1);
  const values = [
    0n,
    2n ** 64n - 1n,
    0x0123_4567_89ab_cdefn,
    ...Array.from({ length: 64 }, (_, bit) => 1n << BigInt(bit)),
  ];
  for (const value of values) {
    assert.equal(sys.epoll_ctl(epfd, EPOLL_CTL_MOD, fd, EPOLLIN, value), 0);
    assert.equal(sys.epoll_wait(epfd, buffer, 1, 0), 1);
    assert.equal(buffer.data(0), value);
    assert.equal(buffer.dataLow(0), Number(value & 0xffff_ffffn));
    assert.equal(buffer.dataHigh(0), Number(value >> 32n));
    assert.equal(buffer.events(0), EPOLLIN);
    assert.deepEqual(
      interestList(epfd).map(({ data }) => data),
      [value],
    );
  }
});

test('the data is the descriptor unless given, and a number is taken up to 2 ** 53 - 1', (t) => {
  const { epfd, fd } = readyOne(t);
  const dataAfter = (data?: number): bigint | undefined => {
    assert.equal(sys.epoll_ctl(epfd, EPOLL_CTL_MOD, fd, EPOLLIN, data), 0);
    return interestList(epfd)[0]?.data;
  };
  assert.equal(dataAfter(), BigInt(fd));
  for (const data of [0, 1, 2 ** 31, 2 ** 32, 2 ** 32 + 3, Number.MAX_SAFE_INTEGER])
    assert.equal(dataAfter(data), BigInt(data));
});

test('a mask means the same whether JavaScript made it negative or not', (t) => {
  const { epfd, fd } = readyOne(t);
  // ERR and HUP (0x18) are always in; EPOLLWAKEUP needs a capability.
  for (const mask of [EPOLLIN | EPOLLET, EPOLLIN + EPOLLET, (EPOLLIN | EPOLLET) >>> 0]) {
    assert.equal(sys.epoll_ctl(epfd, EPOLL_CTL_MOD, fd, mask), 0);
    assert.deepEqual(
      interestList(epfd).map(({ events }) => events),
      [0x8000_0019],
    );
  }
  const buffer = new sys.EpollEventBuffer(1);
  assert.equal(sys.epoll_wait(epfd, buffer, 1, 0), 1);
  assert.equal(sys.epoll_wait(epfd, buffer, 1, 0), 0, 'edge-triggered: reported once');
});

test('EPOLL_CTL_DEL needs no event and ignores one; the others answer EFAULT without', (t) => {
  const { epfd, fd } = readyOne(t);
  assert.equal(sys.epoll_ctl(epfd, EPOLL_CTL_DEL, fd), 0);
  assert.equal(sys.epoll_ctl(epfd, EPOLL_CTL_ADD, fd), -sys.EFAULT);
  assert.equal(sys.epoll_ctl(epfd, EPOLL_CTL_ADD, fd, 0), 0, 'a mask of 0 is an event');
  assert.equal(sys.epoll_ctl(epfd, EPOLL_CTL_MOD, fd), -sys.EFAULT);
  assert.equal(sys.epoll_ctl(epfd, EPOLL_CTL_DEL, fd, EPOLLIN, 5n), 0);
  assert.deepEqual(interestList(epfd), []);
});

test('a fired one-shot stays in the list, disabled, until EPOLL_CTL_MOD', (t) => {
  const { epfd, fd } = readyOne(t);
  const buffer = new sys.EpollEventBuffer(1);
  for (let round = 0; round < 3; round++) {
    assert.equal(sys.epoll_ctl(epfd, EPOLL_CTL_MOD, fd, EPOLLIN | EPOLLONESHOT), 0);
    assert.equal(sys.epoll_wait(epfd, buffer, 1, 0), 1);
    assert.equal(sys.epoll_wait(epfd, buffer, 1, 0), 0);
    assert.deepEqual(
      interestList(epfd).map(({ events }) => events),
      [EPOLLONESHOT],
    );
  }
});

test('epoll_wait gives what fits into maxevents, the others with the next calls, and touches no entry beyond', (t) => {
  const epfd = opened(t, sys.epoll_create1(0));
  const fds = Array.from({ length: 5 }, () => opened(t, sys.eventfd(1, 0)));
  for (const fd of fds) assert.equal(sys.epoll_ctl(epfd, EPOLL_CTL_ADD, fd, EPOLLIN), 0);
  const buffer = new sys.EpollEventBuffer(5);
  const seen = new Set<number>();
  for (const expected of [2, 2, 2]) {
    assert.equal(sys.epoll_wait(epfd, buffer, 2, 0), expected);
    for (const index of [0, 1]) seen.add(buffer.dataLow(index));
    for (const index of [2, 3, 4]) assert.equal(buffer.data(index), 0n);
  }
  assert.deepEqual(
    [...seen].sort((a, b) => a - b),
    fds,
  );
  assert.equal(sys.epoll_wait(epfd, buffer, 5, 0), 5);
});

test('several buffers hold their own events', (t) => {
  const { epfd, fd } = readyOne(t);
  const buffers = [11n, 22n, 33n].map((data) => {
    const buffer = new sys.EpollEventBuffer(3);
    assert.equal(sys.epoll_ctl(epfd, EPOLL_CTL_MOD, fd, EPOLLIN, data), 0);
    assert.equal(sys.epoll_wait(epfd, buffer, 3, 0), 1);
    return buffer;
  });
  assert.deepEqual(
    buffers.map((buffer) => buffer.data(0)),
    [11n, 22n, 33n],
  );
});

test('an EpollEventBuffer is read within its capacity only', () => {
  const buffer = new sys.EpollEventBuffer(3);
  assert.equal(buffer.capacity, 3);
  for (const read of [
    (i: number) => buffer.events(i),
    (i: number) => buffer.data(i),
    (i: number) => buffer.dataLow(i),
    (i: number) => buffer.dataHigh(i),
  ]) {
    for (const index of [0, 1, 2]) assert.equal(Number(read(index)), 0);
    for (const index of [-1, 3, 2 ** 32, 1.5, Number.NaN, Number.POSITIVE_INFINITY])
      assert.throws(() => read(index), RangeError);
    for (const index of ['0', 0n, null, undefined, {}] as unknown[] as number[])
      assert.throws(() => read(index), TypeError);
  }
});

test('a buffer of 100,000 events is filled as one of 1 is', (t) => {
  const { epfd } = readyOne(t);
  const buffer = new sys.EpollEventBuffer(100_000);
  assert.equal(sys.epoll_wait(epfd, buffer, 100_000, 0), 1);
  assert.equal(buffer.events(0), EPOLLIN);
  assert.equal(buffer.data(99_999), 0n);
});

test('the capacity has the kernel’s own limit', () => {
  const limit = Math.floor(0x7fff_ffff / (process.arch === 'x64' ? 12 : 16));
  assert.throws(() => new sys.EpollEventBuffer(limit + 1), {
    name: 'RangeError',
    message: `Cannot use 'capacity' as it must be an integer from 1 to ${limit}: current value is ${limit + 1}`,
  });
});

test('a wait ends not before its time', (t) => {
  const epfd = opened(t, sys.epoll_create1(0));
  const buffer = new sys.EpollEventBuffer(1);
  for (const timeoutMs of [0, 1, 2, 20]) {
    const start = process.hrtime.bigint();
    assert.equal(sys.epoll_wait(epfd, buffer, 1, timeoutMs), 0);
    assert.equal(sys.epoll_pwait(epfd, buffer, 1, timeoutMs, null), 0);
    assert.ok(process.hrtime.bigint() - start >= BigInt(timeoutMs) * 2_000_000n);
  }
});

test('a wait for ever ends at an event', (t) => {
  const { epfd } = readyOne(t);
  const buffer = new sys.EpollEventBuffer(1);
  for (const timeoutMs of [-1, -5, -(2 ** 31), 2 ** 31 - 1])
    assert.equal(sys.epoll_wait(epfd, buffer, 1, timeoutMs), 1);
});

test('a maxevents of 0 and less is the kernel’s to refuse', (t) => {
  const { epfd } = readyOne(t);
  const buffer = new sys.EpollEventBuffer(1);
  for (const maxevents of [0, -1, -(2 ** 31)]) {
    assert.equal(sys.epoll_wait(epfd, buffer, maxevents, 0), -sys.EINVAL);
    assert.equal(sys.epoll_pwait(epfd, buffer, maxevents, 0, null), -sys.EINVAL);
    assert.equal(sys.epoll_pwait2(epfd, buffer, maxevents, 0n, null), -sys.EINVAL);
  }
});

test('a pipe reports its ends’ states in the mask', (t) => {
  const epfd = opened(t, sys.epoll_create1(0));
  const ends = sys.pipe2(sys.O_NONBLOCK);
  assert.ok(typeof ends !== 'number');
  const [reader, writer] = ends;
  opened(t, reader);
  assert.equal(sys.epoll_ctl(epfd, EPOLL_CTL_ADD, reader, EPOLLIN, 1), 0);
  assert.equal(sys.epoll_ctl(epfd, EPOLL_CTL_ADD, writer, EPOLLOUT, 2), 0);
  assert.deepEqual(events(epfd), { 2: 'EPOLLOUT' });
  sys.write(writer, Uint8Array.of(1));
  assert.deepEqual(events(epfd), { 1: 'EPOLLIN', 2: 'EPOLLOUT' });
  sys.close(writer);
  assert.deepEqual(events(epfd), { 1: 'EPOLLIN|EPOLLHUP' });
  sys.read(reader, new Uint8Array(8));
  assert.deepEqual(events(epfd), { 1: 'EPOLLHUP' });
});

test('an epoll instance is watched by another as deep as the kernel allows', (t) => {
  const { fd } = readyOne(t);
  const chain = Array.from({ length: 6 }, () => opened(t, sys.epoll_create1(0)));
  const answers = chain.map((epfd, index) => sys.epoll_ctl(epfd, EPOLL_CTL_ADD, chain[index - 1] ?? fd, EPOLLIN));
  assert.deepEqual(answers, [0, 0, 0, 0, 0, -sys.ELOOP]);
  assert.deepEqual(events(chain[4] ?? -1), { [chain[3] ?? -1]: 'EPOLLIN' });
  const [first = -1, second = -1] = chain;
  assert.equal(sys.epoll_ctl(first, EPOLL_CTL_ADD, second, EPOLLIN), -sys.ELOOP, 'a cycle');
});

test('a socket pair reports the hang-up of its peer', (t) => {
  const epfd = opened(t, sys.epoll_create1(0));
  const [a, b] = openedPair(t, sys.socketpair(sys.AF_UNIX, sys.SOCK_STREAM, 0));
  assert.equal(sys.epoll_ctl(epfd, EPOLL_CTL_ADD, a, EPOLLIN | sys.EPOLLRDHUP, 1), 0);
  assert.deepEqual(events(epfd), {});
  sys.shutdown(b, sys.SHUT_WR);
  assert.deepEqual(events(epfd), { 1: 'EPOLLIN|EPOLLRDHUP' });
  sys.shutdown(b, sys.SHUT_RD);
  sys.shutdown(a, sys.SHUT_WR);
  assert.deepEqual(events(epfd), { 1: 'EPOLLIN|EPOLLHUP|EPOLLRDHUP' });
});

/** An epoll instance with one entry, an eventfd that is readable. */
function readyOne(t: TestContext): { epfd: number; fd: number } {
  const epfd = opened(t, sys.epoll_create1(0));
  const fd = opened(t, sys.eventfd(1, 0));
  assert.equal(sys.epoll_ctl(epfd, EPOLL_CTL_ADD, fd, EPOLLIN), 0);
  return { epfd, fd };
}

/** What is ready now: the names of the events by the entry's data. */
function events(epfd: number): Record<string, string> {
  const buffer = new sys.EpollEventBuffer(8);
  const count = sys.epoll_wait(epfd, buffer, 8, 0);
  assert.ok(count >= 0, sys.errnoName(count));
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => [String(buffer.data(index)), sys.formatEvents(buffer.events(index))]),
  );
}
