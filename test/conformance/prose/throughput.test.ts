// Many bytes, many descriptors, short timeouts.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { Epoll } from 'epoll-ts';
import {
  AF_INET,
  AF_UNIX,
  close,
  connect,
  EAGAIN,
  ECONNREFUSED,
  EpollEventBuffer,
  EPOLLERR,
  EPOLLET,
  EPOLLHUP,
  EPOLLIN,
  EPOLLOUT,
  EPOLLRDHUP,
  EFD_CLOEXEC,
  EFD_NONBLOCK,
  eventfd,
  eventfd_write,
  getsockopt,
  read,
  send,
  SO_ERROR,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  socket,
  socketpair,
  SOL_SOCKET,
  write,
} from 'epoll-ts/sys';
import { opened } from '../../support/opened.ts';
import { endOf, startThread } from '../../support/threadScript.ts';
import { boundSocket, tcpPair } from './tcpPair.ts';

const hangMs = 30_000;
const total = 16 * 2 ** 20;
const chunk = new Uint8Array(1024);

function epoll(t: TestContext): Epoll {
  const ep = new Epoll();
  t.after(() => ep.close());
  return ep;
}

test('m-tcp-read: an edge-triggered reader that drains at each event gets all of 16 MiB', async (t) => {
  const [client, server] = tcpPair(t);
  const ep = epoll(t);
  ep.add(client, EPOLLIN | EPOLLRDHUP | EPOLLET);
  const end = endOf(
    startThread(
      `const chunk = new Uint8Array(1024);
       for (let sent = 0; sent < ${total};) sent += sys.write(workerData, chunk.subarray(0, ${total} - sent));`,
      server,
    ),
  );
  const events = new EpollEventBuffer(128);
  let arrived = 0;
  while (arrived < total) {
    assert.equal(ep.wait(events, { timeoutMs: hangMs }), 1);
    let count: number;
    while ((count = read(client, chunk)) > 0) arrived += count;
    assert.equal(count, -EAGAIN);
  }
  assert.equal(arrived, total);
  assert.equal(await end, 0);
});

test('m-tcp-write: an edge-triggered writer that fills the socket at each event gets rid of 16 MiB', async (t) => {
  const [client, server] = tcpPair(t);
  const ep = epoll(t);
  ep.add(client, EPOLLOUT | EPOLLET);
  const end = endOf(
    startThread(
      `const chunk = new Uint8Array(65536);
       let got = 0;
       while (got < ${total}) got += sys.read(workerData, chunk);
       if (got !== ${total}) throw new Error('got ' + got);`,
      server,
    ),
  );
  const events = new EpollEventBuffer(128);
  let sent = 0;
  while (sent < total) {
    assert.equal(ep.wait(events, { timeoutMs: hangMs }), 1);
    let count = 0;
    while (sent < total && (count = write(client, chunk.subarray(0, total - sent))) > 0) sent += count;
    if (sent < total) assert.equal(count, -EAGAIN);
  }
  assert.equal(await end, 0);
});

function pendingError(fd: number): number {
  const value = new Int32Array(1);
  assert.equal(getsockopt(fd, SOL_SOCKET, SO_ERROR, new Uint8Array(value.buffer)), 4);
  return value[0] ?? 0;
}

test('m-tcp-refused: a refused connection is EPOLLOUT, EPOLLERR and EPOLLHUP, and SO_ERROR says why', (t) => {
  // Bound and not listening: nobody else gets the port, and it refuses.
  const { at } = boundSocket(t, SOCK_STREAM);
  const client = opened(t, socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  connect(client, at);
  const ep = epoll(t);
  ep.add(client, EPOLLOUT | EPOLLET);
  const events = new EpollEventBuffer(16);
  assert.equal(ep.wait(events, { timeoutMs: hangMs }), 1);
  assert.equal(events.events(0), EPOLLOUT | EPOLLERR | EPOLLHUP);
  assert.equal(pendingError(client), ECONNREFUSED);
});

test('u-udperr: a refused datagram is EPOLLERR, although nobody asked for an event', (t) => {
  const { fd, at } = boundSocket(t, SOCK_DGRAM);
  const client = opened(t, socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  assert.equal(connect(client, at), 0);
  // It takes nothing from anyone but itself, and nobody else gets the port.
  assert.equal(connect(fd, at), 0);
  const ep = epoll(t);
  ep.add(client, 0);
  assert.equal(send(client, chunk.subarray(0, 4), 0), 4);
  const events = new EpollEventBuffer(1);
  assert.equal(ep.wait(events, { timeoutMs: hangMs }), 1);
  assert.equal(events.events(0) & EPOLLERR, EPOLLERR);
});

test('c-sel-many: one wait tells of every descriptor that is ready, as many as the process may open', (t) => {
  const ep = epoll(t);
  let pairs = 0;
  for (; pairs < 4000; pairs++) {
    const pair = socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (typeof pair === 'number') break;
    const [reader, writer] = pair;
    t.after(() => void (close(reader), close(writer)));
    ep.add(reader, EPOLLIN);
    ep.add(writer, EPOLLOUT);
  }
  t.diagnostic(`${pairs} pairs`);
  assert.ok(pairs > 100);
  assert.equal(ep.wait(new EpollEventBuffer(2 * pairs), { timeoutMs: hangMs }), pairs);
});

test('x-many-ready: what does not fit the buffer is in the next wait, and edge-triggered nothing comes twice', (t) => {
  const ep = epoll(t);
  const begun = Array.from({ length: 8000 }, () => eventfd(1, EFD_NONBLOCK | EFD_CLOEXEC)).filter((fd) => fd >= 0);
  t.after(() => begun.forEach((fd) => close(fd)));
  if (begun.length < 8000) return t.skip(`the process may open ${begun.length} files only`);
  for (const fd of begun) ep.add(fd, EPOLLIN | EPOLLET);
  const events = new EpollEventBuffer(4096);
  const wait = (): number => ep.wait(events, { timeoutMs: 0 });
  assert.deepEqual([wait(), wait(), wait()], [4096, 3904, 0]);
  assert.equal(eventfd_write(begun[0] ?? -1, 1n), 0);
  assert.equal(wait(), 1);
});

/**
 * The fastest of 200 waits on an empty list, of more where none was below `belowMs`; none may be shorter than asked.
 */
function fastestMs(t: TestContext, timeoutMs: number, belowMs: number): number {
  const ep = epoll(t);
  const events = new EpollEventBuffer(1);
  let fastest = Infinity;
  const end = performance.now() + hangMs;
  for (let round = 0; round < 200 || (fastest >= belowMs && performance.now() < end); round++) {
    const begin = performance.now();
    assert.equal(ep.wait(events, { timeoutMs }), 0);
    const ms = performance.now() - begin;
    assert.ok(ms >= timeoutMs, `${ms} ms`);
    fastest = Math.min(fastest, ms);
  }
  return fastest;
}

test('x-submilli-50us: a timeout of 50 µs is neither 0 nor 1 ms', (t) => assert.ok(fastestMs(t, 0.05, 0.5) < 0.5));
test('x-submilli-250us: a timeout of 250 µs is neither 0 nor 1 ms', (t) => assert.ok(fastestMs(t, 0.25, 0.7) < 0.7));
test('x-submilli-500us: a timeout of 500 µs is neither 0 nor 1 ms', (t) => assert.ok(fastestMs(t, 0.5, 0.95) < 0.95));
