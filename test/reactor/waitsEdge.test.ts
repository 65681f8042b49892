// Waits of edge-triggered registrations: what is kept for them, and what is over.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventFd, isHangup, isReadable, isWritable, type Reactor } from 'epoll-ts';
import {
  AF_UNIX,
  close,
  dup,
  EFD_CLOEXEC,
  EFD_NONBLOCK,
  EPOLLET,
  EPOLLIN,
  EPOLLOUT,
  EPOLLRDHUP,
  eventfd,
  send,
  shutdown,
  SHUT_RDWR,
  SHUT_WR,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  socketpair,
} from 'epoll-ts/sys';
import { inTime, loopTurns, settled } from '../support/loopTurns.ts';
import { opened, openedPair } from '../support/opened.ts';
import { reactorRig } from '../support/reactorRig.ts';

const stream = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;

/** The only entry that the kernel has, or null. */
function kernelEvents(reactor: Reactor): number | null | undefined {
  return reactor.snapshot().registrations[0]?.kernelEvents;
}

test('edge: what came before the wait is kept, each direction for itself, and given once', async (t) => {
  const { reactor } = reactorRig(t);
  const [ours, theirs] = openedPair(t, socketpair(AF_UNIX, stream, 0));
  const registration = reactor.register(ours, { readable: true, writable: true, trigger: 'edge' });
  send(theirs, Buffer.from('x'), 0);
  await loopTurns();
  assert.equal(await registration.readable(), EPOLLIN | EPOLLOUT);
  assert.equal(await settled(registration.readable()), false, 'given already, and no more has come');
  assert.ok(isWritable(await inTime('writable()', registration.writable())));
  assert.equal(await settled(registration.writable()), false);
});

test('edge: ready() gives what was kept once, and not a hangup for ever', async (t) => {
  const { reactor } = reactorRig(t);
  const [ours, theirs] = openedPair(t, socketpair(AF_UNIX, stream, 0));
  const registration = reactor.register(ours, { readable: true, readHangup: true, trigger: 'edge' });
  shutdown(theirs, SHUT_WR);
  await loopTurns();
  assert.equal(await inTime('ready()', registration.ready()), EPOLLIN | EPOLLRDHUP);
  const next = registration.ready();
  assert.equal(await settled(next), false);
  assert.ok(isReadable(await inTime('readable()', registration.readable())), 'yet a read would not wait');
  shutdown(ours, SHUT_RDWR);
  assert.ok(isHangup(await inTime('readable()', registration.readable())));
  await inTime('ready()', next);
});

test('edge: a hangup that is over does not resolve readable() for ever', async (t) => {
  // A FIFO that gets a new writer, and a socket whose error was fetched, are readable no more.
  const { reactor, pipe } = reactorRig(t);
  const { reader, writer } = pipe();
  const { openSync, closeSync } = await import('node:fs');
  const registration = reactor.register(reader, { readable: true, trigger: 'edge' });
  writer.close();
  assert.ok(isHangup(await inTime('the hangup', registration.readable())));
  const again = openSync(`/proc/self/fd/${reader.fd}`, 'w');
  t.after(() => closeSync(again));
  assert.equal(await settled(registration.readable()), false);
});

test('a loop over edge-triggered readiness leaves the event loop its turn', async (t) => {
  const { reactor, pipe } = reactorRig(t);
  const { reader, writer } = pipe();
  const registration = reactor.register(reader, { readable: true, trigger: 'edge' });
  writer.close();
  let rounds = 0;
  const loop = (async () => {
    while (!registration.closed) {
      await registration.readable().catch(() => {});
      rounds++;
    }
  })();
  await loopTurns(20);
  registration.close();
  await inTime('the end of the loop', loop);
  assert.ok(rounds > 1 && rounds < 100, `${rounds} rounds in 20 turns`);
});

test('a wait of a number whose file lives on in a duplicate is still served: the entry is the file', async (t) => {
  const { reactor } = reactorRig(t);
  const fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  const copy = opened(t, dup(fd));
  const registration = reactor.register(fd, { readable: true, trigger: 'edge' });
  const wait = registration.readable();
  close(fd);
  EventFd.from(copy).write();
  assert.equal(await inTime('the wait', wait), EPOLLIN);
  assert.equal((kernelEvents(reactor) ?? 0) & EPOLLIN, EPOLLIN);
  assert.equal(((kernelEvents(reactor) ?? 0) & EPOLLET) >>> 0, EPOLLET);
});
