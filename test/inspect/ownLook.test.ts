// A look at this process itself: it must leave nothing open, and not find its own descriptors.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { Epoll } from 'epoll-ts';
import { type InspectedEntry, inspectProcess } from 'epoll-ts/inspect';
import * as sys from 'epoll-ts/sys';
import { placeEntries } from '#epoll/inspect/ghosts.js';
import { opened, openedPair } from '../support/opened.ts';
import { nothingLeftOpen, openDescriptors } from '../support/openDescriptors.ts';

const { EFD_CLOEXEC, EPOLLERR, EPOLLHUP, EPOLLIN, eventfd, SOCK_CLOEXEC } = sys;
const noKcmp = sys.kcmp(process.pid, process.pid, sys.KCMP_FILE, 0, 0) < 0 && 'kcmp is refused here';

function epollOf(t: TestContext): Epoll {
  const ep = new Epoll();
  t.after(() => ep.close());
  return ep;
}

function look(ep: Epoll): readonly InspectedEntry[] {
  return inspectProcess(process.pid).instances.find(({ fd }) => fd === ep.fd)?.entries ?? [];
}

const address = (port: number): Uint8Array => sys.encodeSockaddr({ family: sys.AF_INET, address: '127.0.0.1', port });

function connected(t: TestContext): { readonly client: number; readonly server: number } {
  const listener = opened(t, sys.socket(sys.AF_INET, sys.SOCK_STREAM | SOCK_CLOEXEC, 0));
  assert.equal(sys.bind(listener, address(0)) + sys.listen(listener, 1), 0);
  const name = new sys.SockaddrBuffer();
  sys.getsockname(listener, name);
  const to = name.decode();
  assert.ok(to !== null && 'port' in to);
  const client = opened(t, sys.socket(sys.AF_INET, sys.SOCK_STREAM | SOCK_CLOEXEC, 0));
  assert.equal(sys.connect(client, address(to.port)), 0);
  return { client, server: opened(t, sys.accept4(listener, null, SOCK_CLOEXEC)) };
}

test('a look leaves nothing open: duplicates, its pidfd, the socket that asks for peers', (t) => {
  const ep = epollOf(t);
  const { client, server } = connected(t);
  const socket = (family: number, type: number): number => opened(t, sys.socket(family, type | SOCK_CLOEXEC, 0));
  const watched = [
    client,
    server,
    socket(sys.AF_INET, sys.SOCK_STREAM), // neither bound nor connected: no table lists it
    socket(sys.AF_INET6, sys.SOCK_DGRAM),
    socket(sys.AF_NETLINK, sys.SOCK_RAW),
    ...openedPair(t, sys.socketpair(sys.AF_UNIX, sys.SOCK_STREAM | SOCK_CLOEXEC, 0)),
    ...openedPair(t, sys.pipe2(sys.O_CLOEXEC)),
    opened(t, eventfd(1, EFD_CLOEXEC)),
    opened(t, sys.inotify_init1(sys.IN_CLOEXEC)),
    opened(t, sys.pidfd_open(process.pid, 0)),
  ];
  for (const fd of watched) ep.add(fd, EPOLLIN);
  const before = openDescriptors();
  const entries = look(ep);
  nothingLeftOpen(before);
  assert.equal(entries.length, watched.length);
  assert.ok(entries.some(({ notPolled }) => notPolled === null) || sys.pidfd_getfd(-1, 0, 0) === -sys.ENOSYS);
});

test('a look that fails leaves nothing open, either', () => {
  const before = openDescriptors();
  for (const pid of [0x3fff_ffff, 2 ** 22 - 1]) assert.throws(() => inspectProcess(pid), { code: 'ESRCH' });
  nothingLeftOpen(before);
});

test('the pidfd of a look at itself is not what a closed number is now', { skip: noKcmp }, (t) => {
  const ep = epollOf(t);
  // The lowest free number, which the look takes for its pidfd.
  const lowest = eventfd(1, EFD_CLOEXEC);
  opened(t, sys.dup(lowest));
  sys.epoll_ctl(ep.fd, sys.EPOLL_CTL_ADD, lowest, EPOLLIN, 1);
  sys.close(lowest);
  const [entry] = look(ep);
  assert.deepEqual([entry?.fd, entry?.ghost, entry?.now], [lowest, true, null]);
});

test(
  'of two entries with one number the first is the ghost, and the second is compared as the second',
  { skip: noKcmp },
  (t) => {
    const ep = epollOf(t);
    const number = opened(t, sys.fcntl(opened(t, eventfd(7, EFD_CLOEXEC)), sys.F_DUPFD_CLOEXEC, 700));
    opened(t, sys.dup(number));
    sys.epoll_ctl(ep.fd, sys.EPOLL_CTL_ADD, number, EPOLLIN, 1n);
    sys.dup3(opened(t, eventfd(0, EFD_CLOEXEC)), number, sys.O_CLOEXEC);
    sys.epoll_ctl(ep.fd, sys.EPOLL_CTL_ADD, number, EPOLLIN, 2n);
    const entries = look(ep);
    const told = entries
      .map(({ fd, data, ghost }) => [fd, BigInt(data), ghost])
      .toSorted((a, b) => Number(a[1]) - Number(b[1]));
    assert.deepEqual(told, [
      [number, 1n, true],
      [number, 2n, false],
    ]);
    const listed = entries.map((entry) => ({ ...entry, data: BigInt(entry.data), ino: null, sdev: null }));
    assert.deepEqual(
      placeEntries([...listed, ...listed]).map(({ toff }) => toff),
      [0, 1, 2, 3],
    );
  },
);

test('EPOLLERR and EPOLLHUP are ready whether they were asked for or not', (t) => {
  const ep = epollOf(t);
  const lone = (kept: 0 | 1): number => {
    const ends = sys.pipe2(sys.O_CLOEXEC);
    assert.ok(typeof ends !== 'number');
    sys.close(ends[1 - kept] as number);
    return opened(t, ends[kept]);
  };
  const [reader, writer] = [lone(0), lone(1)];
  for (const fd of [reader, writer]) sys.epoll_ctl(ep.fd, sys.EPOLL_CTL_ADD, fd, 0, fd);
  const ready = new Map(look(ep).map((entry) => [entry.fd, entry.ready]));
  if (ready.get(writer) === null) return t.skip('nothing can be asked here: pidfd_getfd is refused');
  assert.equal(ready.get(writer), EPOLLERR);
  assert.equal(ready.get(reader), EPOLLHUP);
});

test('instances are in the order of their numbers, however the kernel has them', (t) => {
  for (let count = 0; count < 12; count++) epollOf(t);
  const numbers = inspectProcess(process.pid).instances.map(({ fd }) => fd);
  assert.ok(numbers.length >= 12);
  assert.deepEqual(
    numbers,
    numbers.toSorted((a, b) => a - b),
  );
});

test('what a connection has received and what its peer has acknowledged are told apart', (t) => {
  const ep = epollOf(t);
  const { client, server } = connected(t);
  ep.add(client, EPOLLIN);
  ep.add(server, EPOLLIN);
  sys.write(client, new Uint8Array(5));
  sys.write(server, new Uint8Array(700));
  const counters = (fd: number): unknown => {
    const backlog = look(ep).find((entry) => entry.fd === fd)?.backlog;
    return backlog && [backlog.received, backlog.acknowledged];
  };
  if (counters(client) === null) return t.skip('nothing can be asked here: pidfd_getfd is refused');
  // Loopback: all has come, and is acknowledged, when the calls return, or as soon as the kernel has the time.
  const settled = { client: [700, 6], server: [5, 700] }; // a SYN counts as a byte that was acknowledged
  let now: unknown;
  for (let tries = 0; tries < 50; tries++) {
    now = { client: counters(client), server: counters(server) };
    if (isDeepStrictEqual(now, settled)) break;
    sys.poll([], 10);
  }
  assert.deepEqual(now, settled);
});
