// Waits in detail: on demand, with modify(), beside a handler, in great number.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EventFd, Reactor, Registration } from 'epoll-ts';
import {
  close,
  EFD_CLOEXEC,
  EFD_NONBLOCK,
  EPOLLERR,
  EPOLLHUP,
  EPOLLIN,
  EPOLLONESHOT,
  EPOLLOUT,
  eventfd,
} from 'epoll-ts/sys';
import { eventfdAt } from '../support/eventfdAt.ts';
import { inTime, loopTurns, settled } from '../support/loopTurns.ts';
import { opened } from '../support/opened.ts';
import { reactorRig } from '../support/reactorRig.ts';
import { withRoomBelow } from '../support/withRoomBelow.ts';

/** The only entry that the kernel has, or null. */
function kernelEvents(reactor: Reactor): number | null | undefined {
  return reactor.snapshot().registrations[0]?.kernelEvents;
}

test('for await on a closed registration gives nothing, and an iterator that ended stays ended', async (t) => {
  const { reactor, counter } = reactorRig(t);
  const registration = reactor.register(counter(1n), { readable: true });
  const iterator = registration[Symbol.asyncIterator]();
  assert.deepEqual(await iterator.next(), { value: EPOLLIN, done: false });
  assert.deepEqual(await iterator.return?.(), { value: undefined, done: true });
  assert.deepEqual(await iterator.next(), { value: undefined, done: true });
  registration.close();
  for await (const readiness of registration) assert.fail(`gave ${readiness}`);
});

test('on demand, the kernel is asked for what is waited for, and only then', async (t) => {
  const { reactor, counter } = reactorRig(t);
  const efd = counter(2n ** 64n - 2n);
  const registration = reactor.register(efd, { readable: true, writable: true });
  const always = EPOLLERR | EPOLLHUP;
  assert.equal(registration.armed, false);
  assert.equal(kernelEvents(reactor), EPOLLONESHOT | always);
  const abort = new AbortController();
  const writable = registration.writable({ signal: abort.signal });
  assert.equal(kernelEvents(reactor), EPOLLOUT | EPOLLONESHOT | always);
  assert.equal(registration.armed, true);
  assert.equal(await registration.readable(), EPOLLIN, 'it is full: not writable');
  assert.equal(kernelEvents(reactor), EPOLLOUT | EPOLLONESHOT | always);
  abort.abort();
  await assert.rejects(writable);
  assert.equal(registration.armed, false);
  assert.ok(
    reactor.snapshot().registrations.every(({ disarmedForMs }) => disarmedForMs !== null && disarmedForMs >= 0),
  );
  assert.equal((kernelEvents(reactor) ?? -1) & (EPOLLIN | EPOLLOUT), 0);
});

test('on demand, a descriptor that was closed by its number is told with the next wait', async (t) => {
  const { reactor } = reactorRig(t);
  const fd = withRoomBelow(() => eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  const registration = reactor.register(fd, { readable: true });
  close(fd);
  await assert.rejects(registration.readable(), { name: 'SystemError', code: 'EBADF', fd });
  opened(t, eventfdAt(fd));
  await assert.rejects(registration.readable(), { code: 'ENOENT' });
  registration.close();
});

test('modify() changes what waits are for: a wait that it takes away goes on when it comes back', async (t) => {
  const { reactor, counter } = reactorRig(t);
  const efd = counter();
  const registration = reactor.register(efd, { readable: true });
  const wait = registration.readable();
  registration.modify({ writable: true });
  efd.write();
  assert.equal(await settled(wait), false);
  assert.equal(await registration.writable(), EPOLLOUT);
  registration.modify({ readable: true });
  assert.equal(await inTime('the wait', wait), EPOLLIN);
});

test('modify() from edge to level and back keeps waits right', async (t) => {
  const { reactor, counter } = reactorRig(t);
  const efd = counter(1n);
  const registration = reactor.register(efd, { readable: true, trigger: 'edge' });
  await loopTurns();
  registration.modify({ readable: true, trigger: 'level' });
  efd.read();
  assert.equal(await settled(registration.readable()), false, 'what was kept is not true any more');
  registration.modify({ readable: true, trigger: 'edge' });
  assert.equal(registration.armed, true);
  efd.write();
  assert.equal(await inTime('readable()', registration.readable()), EPOLLIN);
});

test('a wait beside a handler resolves with the next event, and both get it', async (t) => {
  const { reactor, counter } = reactorRig(t);
  const efd = counter();
  const seen: number[] = [];
  const registration = reactor.register(efd, { readable: true, trigger: 'edge' }, (mask) => void seen.push(mask));
  const wait = registration.readable();
  efd.write();
  assert.equal(await inTime('readable()', wait), EPOLLIN);
  assert.deepEqual(seen, [EPOLLIN]);
  assert.equal(await settled(registration.readable()), false);
});

test('ready() gives whatever comes, hangup of an empty interest too', async (t) => {
  const { reactor, pipe } = reactorRig(t);
  const { reader, writer } = pipe();
  const registration = reactor.register(reader, {});
  const ready = registration.ready();
  writer.write(Buffer.from('x'));
  assert.equal(await settled(ready), false);
  writer.close();
  assert.equal(await inTime('ready()', ready), EPOLLHUP);
});

test('waits of many registrations resolve in one batch', async (t) => {
  const { reactor, counter } = reactorRig(t);
  const all: [EventFd, Registration][] = Array.from({ length: 100 }, () => {
    const efd = counter();
    return [efd, reactor.register(efd, { readable: true })];
  });
  const waits = all.map(([, registration]) => registration.readable());
  for (const [efd] of all) efd.write();
  const { turns } = reactor.snapshot();
  await inTime('all waits', Promise.all(waits));
  assert.equal(reactor.snapshot().turns, turns + 1);
});
