// Registrations without a handler, that are awaited: what holds for every trigger.
import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { ClosedError, isHangup, isReadable, isWritable } from 'epoll-ts';
import { AF_UNIX, EPOLLIN, recv, send, SOCK_CLOEXEC, SOCK_NONBLOCK, SOCK_STREAM, socketpair } from 'epoll-ts/sys';
import { inTime, loopTurns, settled } from '../support/loopTurns.ts';
import { openedPair } from '../support/opened.ts';
import { reactorRig } from '../support/reactorRig.ts';

const triggers = ['level', 'edge', 'oneshot', 'edge-oneshot'] as const;
const stream = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;

for (const trigger of triggers) {
  test(`${trigger}: readable() resolves with the mask when there is something, before or after the call`, async (t) => {
    const { reactor, counter } = reactorRig(t);
    const efd = counter();
    const registration = reactor.register(efd, { readable: true, trigger });
    for (const early of [true, false, true]) {
      if (early) efd.write();
      await loopTurns();
      const wait = registration.readable();
      if (!early) assert.equal(await settled(wait), false);
      if (!early) efd.write();
      assert.equal(await inTime('readable()', wait), EPOLLIN);
      assert.equal(efd.read(), 1n);
    }
    assert.equal(await settled(registration.readable()), false);
  });

  test(`${trigger}: nobody waits, so nothing turns`, async (t) => {
    const { reactor, counter } = reactorRig(t);
    const registration = reactor.register(counter(1n), { readable: true, trigger });
    await loopTurns(10);
    assert.ok(reactor.snapshot().turns <= 1, `${reactor.snapshot().turns} turns`);
    await registration.readable();
    const { turns } = reactor.snapshot();
    await loopTurns(10);
    assert.ok(reactor.snapshot().turns <= turns + 1);
  });

  test(`${trigger}: readable() and writable() at once resolve each for itself`, async (t) => {
    const { reactor } = reactorRig(t);
    const [ours, theirs] = openedPair(t, socketpair(AF_UNIX, stream, 0));
    const registration = reactor.register(ours, { readable: true, writable: true, trigger });
    const readable = registration.readable();
    const writable = registration.writable();
    assert.ok(isWritable(await inTime('writable()', writable)));
    assert.equal(await settled(readable), false);
    send(theirs, Buffer.from('x'), 0);
    assert.ok(isReadable(await inTime('readable()', readable)));
    assert.equal(recv(ours, Buffer.alloc(8), 0), 1);
  });

  test(`${trigger}: several waits for the same resolve with the same event`, async (t) => {
    const { reactor, counter } = reactorRig(t);
    const efd = counter();
    const registration = reactor.register(efd, { readable: true, trigger });
    const waits = [registration.readable(), registration.ready(), registration.readable()];
    efd.write();
    assert.deepEqual(await inTime('all', Promise.all(waits)), [EPOLLIN, EPOLLIN, EPOLLIN]);
  });

  test(`${trigger}: a wait for what is not in the interest is a TypeError`, async (t) => {
    const { reactor, counter } = reactorRig(t);
    const registration = reactor.register(counter(), { writable: true, trigger });
    await assert.rejects(registration.readable(), {
      name: 'TypeError',
      message: /^Cannot wait for EPOLLIN\|EPOLLRDHUP as the interest must have it: current interest is EPOLLOUT/,
    });
    registration.modify({ readable: true, trigger });
    await assert.rejects(registration.writable(), { name: 'TypeError', message: /EPOLLOUT as the interest/ });
  });

  test(`${trigger}: close() of registration, object and reactor rejects what waits, and what comes`, async (t) => {
    for (const what of ['registration', 'object', 'reactor']) {
      const { reactor, counter } = reactorRig(t);
      const efd = counter();
      const registration = reactor.register(efd, { readable: true, trigger });
      const wait = registration.readable();
      if (what === 'registration') registration.close();
      else if (what === 'object') efd.close();
      else reactor.close();
      await assert.rejects(wait, ClosedError);
      await assert.rejects(registration.readable(), ClosedError);
      await assert.rejects(registration.ready(), ClosedError);
      assert.equal(registration.closed, true);
    }
  });

  test(`${trigger}: a hangup resolves readable() again and again, as a read would not wait`, async (t) => {
    const { reactor, pipe } = reactorRig(t);
    const { reader, writer } = pipe();
    const registration = reactor.register(reader, { readable: true, trigger });
    writer.close();
    for (let round = 0; round < 3; round++) assert.ok(isHangup(await inTime('readable()', registration.readable())));
    assert.equal(reader.read(Buffer.alloc(1)), 0);
  });

  test(`${trigger}: waits go through their signals before, during and after, and leave no listener`, async (t) => {
    const { reactor, counter } = reactorRig(t);
    const efd = counter();
    const registration = reactor.register(efd, { readable: true, trigger });
    const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

    const before = AbortSignal.abort(new Error('too late'));
    await assert.rejects(registration.readable({ signal: before }), { message: 'too late' });

    const during = new AbortController();
    const given = assert.rejects(registration.readable({ signal: during.signal }), (reason) => reason === 'enough');
    const kept = registration.readable();
    assert.equal(listeners(during.signal), 1);
    during.abort('enough');
    await given;
    assert.equal(listeners(during.signal), 0);
    assert.equal(await settled(kept), false);
    efd.write();
    assert.equal(await inTime('the other wait', kept), EPOLLIN);
    efd.read();

    const after = new AbortController();
    const wait = registration.readable({ signal: after.signal });
    efd.write();
    assert.equal(await inTime('the wait', wait), EPOLLIN);
    assert.equal(listeners(after.signal), 0);
    after.abort();
    efd.read();

    const unused = new AbortController();
    const closed = registration.readable({ signal: unused.signal });
    registration.close();
    await assert.rejects(closed, ClosedError);
    assert.equal(listeners(unused.signal), 0);
  });

  test(`${trigger}: an event that comes after a wait was given up is for the next wait`, async (t) => {
    const { reactor, counter } = reactorRig(t);
    const efd = counter();
    const registration = reactor.register(efd, { readable: true, trigger });
    const abort = new AbortController();
    const wait = registration.readable({ signal: abort.signal });
    abort.abort();
    await assert.rejects(wait, { name: 'AbortError' });
    efd.write();
    await loopTurns();
    assert.equal(await inTime('readable()', registration.readable()), EPOLLIN);
  });

  test(`${trigger}: for await gives each event, and ends when the registration is closed`, async (t) => {
    const { reactor, counter } = reactorRig(t);
    const efd = counter(1n);
    const registration = reactor.register(efd, { readable: true, trigger });
    const seen: number[] = [];
    const loop = (async () => {
      for await (const readiness of registration) {
        seen.push(readiness);
        efd.read();
        if (seen.length < 3) setImmediate(() => void efd.write());
        else setImmediate(() => registration.close());
      }
    })();
    await inTime('the end of the loop', loop);
    assert.deepEqual(seen, [EPOLLIN, EPOLLIN, EPOLLIN]);
  });

  test(`${trigger}: break leaves the registration as it is, for another loop`, async (t) => {
    const { reactor, counter } = reactorRig(t);
    const efd = counter(1n);
    const registration = reactor.register(efd, { readable: true, trigger });
    for (let round = 0; round < 3; round++) {
      let count = 0;
      for await (const readiness of registration) {
        assert.equal(readiness, EPOLLIN);
        count++;
        break;
      }
      assert.equal(count, 1);
      efd.write();
    }
    assert.equal(registration.closed, false);
  });
}
