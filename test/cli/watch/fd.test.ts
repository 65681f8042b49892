import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { test } from 'node:test';
import { Epoll, EventFd, Inotify, PidFd, TimerFd } from 'epoll-ts';
import {
  accept4,
  AF_INET,
  AF_UNIX,
  bind,
  close,
  connect,
  encodeSockaddr,
  EPOLLIN,
  getsockname,
  IN_CREATE,
  listen,
  send,
  SHUT_WR,
  shutdown,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  SockaddrBuffer,
  socket,
  socketpair,
} from 'epoll-ts/sys';
import { writeFileSync } from 'node:fs';
import { TemporaryFolder } from '../temporaryFolder.ts';
import { type JsonEvent, startWatch, type WatchProcess } from '../watchProcess.ts';
import { restedBetween } from '../restedBetween.ts';

/** Passes a descriptor as number 3. */
function watchFd3(fd: number, ...args: string[]): WatchProcess {
  return startWatch(['--json', ...args, 'fd:3'], { stdio: ['ignore', 'pipe', 'pipe', fd] });
}

async function firstEvent(fd: number, ...args: string[]): Promise<JsonEvent> {
  using watch = watchFd3(fd, '--count', '1', ...args);
  await watch.end();
  const [event] = watch.events;
  assert.ok(event !== undefined);
  return event;
}

test('epoll watch fd:N shows the counter of an eventfd', async () => {
  const counter = new EventFd({ initial: 2n ** 60n + 1n });
  const { fd, source, detail } = await firstEvent(counter.fd);
  assert.deepEqual([fd, source, detail], [3, 'fd:3', { value: '1152921504606846977' }]);
  assert.equal(counter.read(), null, 'it was taken');
  counter.close();
});

test('epoll watch fd:N shows the expirations of a timerfd', async () => {
  const timer = new TimerFd();
  timer.set({ afterNs: 1 });
  assert.deepEqual((await firstEvent(timer.fd)).detail, { expirations: 1 });
  timer.close();
});

test('epoll watch fd:N shows the events of an inotify', async () => {
  using folder = new TemporaryFolder();
  const inotify = new Inotify();
  inotify.watch(folder.path, IN_CREATE);
  writeFileSync(folder.file('new'), '');
  assert.deepEqual((await firstEvent(inotify.fd)).detail, { files: [{ name: 'new', mask: ['IN_CREATE'] }] });
  inotify.close();
});

test('epoll watch fd:N of a pidfd ends with the process', async () => {
  const child = spawn('sleep', ['60']);
  const pidfd = new PidFd(child.pid ?? 0);
  using watch = watchFd3(pidfd.fd);
  await watch.watching();
  child.kill();
  const { code } = await watch.end();
  assert.deepEqual(
    watch.events.map(({ detail }) => detail),
    [{ exited: true }],
  );
  assert.equal(code, 0);
  pidfd.close();
});

test('epoll watch fd:N reads a stream socket up to its end', async () => {
  const pair = socketpair(AF_UNIX, SOCK_STREAM, 0);
  assert.ok(typeof pair !== 'number');
  using watch = watchFd3(pair[1]);
  await watch.watching();
  send(pair[0], Buffer.from('hello'), 0);
  await watch.event('the text', ({ detail }) => detail['text'] === 'hello');
  shutdown(pair[0], SHUT_WR);
  const { code } = await watch.end();
  assert.equal(watch.events.at(-1)?.detail['end'], true);
  assert.ok(watch.events.at(-1)?.events.includes('EPOLLRDHUP'));
  assert.equal(code, 0);
  pair.forEach(close);
});

test('epoll watch fd:N does not take an empty datagram for the end', async () => {
  const pair = socketpair(AF_UNIX, SOCK_DGRAM, 0);
  assert.ok(typeof pair !== 'number');
  using watch = watchFd3(pair[1]);
  await watch.watching();
  send(pair[0], new Uint8Array(0), 0);
  send(pair[0], Buffer.from('after'), 0);
  await watch.event('what came after', ({ detail }) => detail['text'] === 'after');
  pair.forEach(close);
});

test('epoll watch fd:N reports a listening socket ten times a second and no more, and accepts nothing', async () => {
  const listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  assert.equal(bind(listener, encodeSockaddr({ family: AF_INET, address: '127.0.0.1', port: 0 })), 0);
  assert.equal(listen(listener, 5), 0);
  const bound = new SockaddrBuffer();
  getsockname(listener, bound);
  const client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  assert.equal(connect(client, encodeSockaddr(bound.decode() ?? assert.fail())), 0);
  using watch = watchFd3(listener, '--count', '4');
  await watch.end();
  assert.deepEqual(
    watch.events.map(({ events, detail }) => [events, detail]),
    Array(4).fill([['EPOLLIN'], {}]),
  );
  assert.ok(restedBetween(watch.events), watch.stdout);
  const accepted = accept4(listener, null, SOCK_CLOEXEC);
  assert.ok(accepted >= 0, 'the connection still waits in the queue');
  [accepted, client, listener].forEach(close);
});

test('epoll watch fd:N of another epoll instance reports it without waiting on it, ten times a second and no more', async () => {
  const inner = new Epoll();
  const counter = new EventFd({ initial: 1n });
  inner.add(counter, EPOLLIN);
  using watch = watchFd3(inner.fd, '--count', '4');
  await watch.end();
  assert.ok(restedBetween(watch.events), watch.stdout);
  assert.equal(counter.read(), 1n);
  inner.close();
  counter.close();
});

test('epoll watch --events OUT fd:1 shows a condition that stands ten times a second and no more', async () => {
  using watch = startWatch(['--json', '--events', 'OUT', '--count', '4', 'fd:1']);
  await watch.end();
  assert.ok(restedBetween(watch.events), watch.stdout);
});

test('epoll watch --edge --events OUT,IN fd:N shows a condition that stands once', async () => {
  const pair = socketpair(AF_UNIX, SOCK_STREAM, 0);
  assert.ok(typeof pair !== 'number');
  using watch = watchFd3(pair[0], '--edge', '--events', 'OUT,IN', 'timer:100ms');
  const standing = (): JsonEvent[] => watch.events.filter(({ source }) => source === 'fd:3');
  await watch.event('the condition', ({ source }) => source === 'fd:3');
  // Level-triggered it would be reported ten times a second.
  const before = watch.events.length;
  await watch.until('three ticks', () => (watch.events.length - before >= 3 ? true : undefined));
  const { code } = await watch.stop();
  assert.deepEqual(
    standing().map(({ events }) => events),
    [['EPOLLOUT']],
  );
  assert.equal(code, 0);
  pair.forEach(close);
});

test('epoll watch fd:N refuses a number that was not passed, and the descriptors of Node itself', async () => {
  const names = Array.from({ length: 18 }, (_, index) => `fd:${index + 3}`);
  using watch = startWatch(['--json', ...names, 'fd:999', 'timer:50ms']);
  await watch.event('the timer', ({ source }) => source === 'timer:50ms');
  const { code, stdout, stderr } = await watch.stop();
  assert.match(
    stderr,
    /^fd:999: EBADF: fcntl fd 999: the shell must pass it: for example epoll watch fd:999 999<FIFO$/m,
  );
  // Had it read one of them, the loop would miss wake-ups; that it ends by the signal shows that it did not.
  assert.doesNotMatch(stdout, /"source":"fd:/);
  assert.equal(code, 0);
});
