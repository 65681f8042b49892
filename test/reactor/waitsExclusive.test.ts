// Waits of exclusive registrations, which share a descriptor with other reactors.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isHangup, type Reactor } from 'epoll-ts';
import { EPOLLIN } from 'epoll-ts/sys';
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

test('exclusive, edge: what came before the wait is kept, and a hangup asked for again', async (t) => {
  const { reactor, pipe } = reactorRig(t);
  const { reader, writer } = pipe();
  const registration = reactor.register(reader, { readable: true, exclusive: true, trigger: 'edge' });
  writer.write(Buffer.from('x'));
  await loopTurns();
  assert.equal(await registration.readable(), EPOLLIN);
  reader.read(Buffer.alloc(1));
  writer.close();
  for (let round = 0; round < 3; round++) assert.ok(isHangup(await inTime('the hangup', registration.readable())));
  assert.equal((kernelEvents(reactor) ?? 0) & EPOLLIN, EPOLLIN);
});
