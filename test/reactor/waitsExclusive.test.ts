// Waits of exclusive registrations, which share a descriptor with other reactors.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isHangup, type Reactor } from 'epoll-ts';
import { EPOLLIN, EPOLLOUT } from 'epoll-ts/sys';
import { inTime, loopTurns } from '../support/loopTurns.ts';
import { reactorRig } from '../support/reactorRig.ts';

/** The only entry that the kernel has, or null. */
function kernelEvents(reactor: Reactor): number | null | undefined {
  return reactor.snapshot().registrations[0]?.kernelEvents;
}

test('exclusive: the entry is there only while somebody waits, so that it takes no wakeup from others', async (t) => {
  const { reactor, counter } = reactorRig(t);
  const efd = counter();
  const registration = reactor.register(efd, { readable: true, exclusive: true });
  assert.equal(kernelEvents(reactor), null);
  assert.equal(registration.armed, false);
  const other = reactorRig(t).reactor;
  let served = 0;
  other.register(efd, { readable: true, exclusive: true }, () => {
    efd.read();
    served++;
  });
  efd.write();
  await loopTurns();
  assert.equal(served, 1);

  const abort = new AbortController();
  const given = registration.readable({ signal: abort.signal });
  assert.notEqual(kernelEvents(reactor), null);
  abort.abort();
  await assert.rejects(given);
  assert.equal(kernelEvents(reactor), null);
  efd.write();
  await loopTurns();
  assert.equal(served, 2);
  other.close();

  for (let round = 0; round < 3; round++) {
    const wait = registration.readable();
    efd.write();
    assert.equal(await inTime('readable()', wait), EPOLLIN);
    assert.equal(kernelEvents(reactor), null);
    efd.read();
  }
  registration.close();
  assert.deepEqual(reactor.snapshot().ghosts, []);
});

test('exclusive: what the kernel refuses is told by register(), and not later', (t) => {
  const { reactor } = reactorRig(t);
  const inner = reactorRig(t).reactor;
  assert.throws(() => reactor.register(inner, { readable: true, exclusive: true }), { code: 'EINVAL' });
  assert.throws(() => reactor.register(999, { readable: true, exclusive: true }), { code: 'EBADF' });
});

test('exclusive, edge: what came before the wait is told, a hangup each time, and nothing is listed meanwhile', async (t) => {
  const { reactor, pipe } = reactorRig(t);
  const { reader, writer } = pipe();
  const registration = reactor.register(reader, { readable: true, exclusive: true, trigger: 'edge' });
  assert.equal(kernelEvents(reactor), null);
  writer.write(Buffer.from('x'));
  await loopTurns();
  assert.equal(await inTime('readable()', registration.readable()), EPOLLIN);
  assert.equal(kernelEvents(reactor), null);
  reader.read(Buffer.alloc(1));
  writer.close();
  for (let round = 0; round < 3; round++) assert.ok(isHangup(await inTime('the hangup', registration.readable())));
  assert.equal(kernelEvents(reactor), null);
});

test('exclusive: the entry is listed for what is waited for, and for no more', async (t) => {
  const { reactor, counter } = reactorRig(t);
  const efd = counter();
  const registration = reactor.register(efd, { readable: true, writable: true, exclusive: true });
  const readable = registration.readable();
  await loopTurns();
  const { turns } = reactor.snapshot();
  assert.equal((kernelEvents(reactor) ?? 0) & (EPOLLIN | EPOLLOUT), EPOLLIN);
  assert.equal(await inTime('writable()', registration.writable()), EPOLLOUT);
  assert.equal((kernelEvents(reactor) ?? 0) & (EPOLLIN | EPOLLOUT), EPOLLIN);
  assert.equal(reactor.snapshot().turns, turns + 1, 'room that nobody waits for makes no event');
  efd.write();
  assert.equal(await inTime('readable()', readable), EPOLLIN);
});

test('exclusive: of two waits one is given up, and the other is still served', async (t) => {
  const { reactor, counter } = reactorRig(t);
  const efd = counter();
  const registration = reactor.register(efd, { readable: true, exclusive: true });
  const abort = new AbortController();
  const given = registration.readable({ signal: abort.signal });
  const kept = registration.readable();
  abort.abort();
  await assert.rejects(given, { name: 'AbortError' });
  assert.equal(registration.armed, true);
  efd.write();
  assert.equal(await inTime('readable()', kept), EPOLLIN);
});
