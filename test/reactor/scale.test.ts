// Many registrations, and many in a row.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventFd, Reactor } from 'epoll-ts';
import { expectScript } from '../support/childScript.ts';
import { until } from '../support/loopTurns.ts';
import { nothingLeftOpen, openDescriptors } from '../support/openDescriptors.ts';
import { reactorRig } from '../support/reactorRig.ts';

test('5,000 registrations are all served, over as many turns as it takes', async (t) => {
  const { reactor } = reactorRig(t);
  const counters = Array.from({ length: 5_000 }, () => new EventFd({ initial: 1n }));
  t.after(() => counters.forEach((counter) => counter.close()));
  const served = new Set<number>();
  for (const counter of counters) {
    reactor.register(counter, { readable: true }, () => {
      served.add(counter.fd);
      counter.read();
    });
  }
  await until('all', () => served.size === counters.length);
  const { turns, registrations } = reactor.snapshot();
  assert.ok(turns >= Math.ceil(5_000 / 256) && turns < 500, `${turns} turns`);
  assert.ok(registrations.every(({ delivered }) => delivered === 1));
});

test('5,000 registrations are all served by one turn that takes as many', (t) => {
  const { reactor } = reactorRig(t, { maxevents: 8_192 });
  const counters = Array.from({ length: 5_000 }, () => new EventFd({ initial: 1n }));
  let served = 0;
  for (const counter of counters) reactor.register(counter, { readable: true, trigger: 'edge' }, () => void served++);
  assert.equal(reactor.turn(0), 5_000);
  assert.equal(served, 5_000);
  for (const counter of counters) counter.close();
  assert.deepEqual(reactor.snapshot().registrations, []);
});

test('200,000 registrations one after another leave nothing behind', () => {
  expectScript(
    `import { EventFd, Reactor } from 'epoll-ts';
     import { nothingLeftOpen, openDescriptors } from './build/test/support/openDescriptors.js';
     const reactor = new Reactor();
     const counter = new EventFd();
     const cycle = (count) => {
       for (let round = 0; round < count; round++) reactor.register(counter, { readable: true }, () => {}).close();
     };
     const settle = async () => {
       for (let round = 0; round < 10; round++) { gc(); await new Promise(setImmediate); }
       return process.memoryUsage().heapUsed;
     };
     cycle(10_000);
     const heap = await settle();
     const before = openDescriptors();
     for (let part = 0; part < 19; part++) { cycle(10_000); if (part % 5 === 0) await null; }
     const grown = (await settle()) - heap;
     nothingLeftOpen(before);
     console.log(reactor.snapshot().registrations.length);
     console.log(grown < 4_000_000 ? 'flat' : 'grown by ' + grown);
     reactor.close();
     counter.close();`,
    ['0', 'flat'],
    { flags: ['--expose-gc'] },
  );
});

test('20,000 waits, given up and served, leave nothing behind', () => {
  expectScript(
    `import { EventFd, Reactor } from 'epoll-ts';
     const reactor = new Reactor();
     const counter = new EventFd();
     const registration = reactor.register(counter, { readable: true });
     const abort = new AbortController();
     const cycle = async (count) => {
       for (let round = 0; round < count; round++) {
         const given = new AbortController();
         const wait = registration.readable({ signal: given.signal }).catch(() => {});
         given.abort();
         await wait;
         counter.write();
         await registration.readable({ signal: abort.signal });
         counter.read();
       }
     };
     const settle = async () => {
       for (let round = 0; round < 10; round++) { gc(); await new Promise(setImmediate); }
       return process.memoryUsage().heapUsed;
     };
     await cycle(1_000);
     const heap = await settle();
     await cycle(19_000);
     const grown = (await settle()) - heap;
     console.log(grown < 4_000_000 ? 'flat' : 'grown by ' + grown);
     reactor.close();
     counter.close();`,
    ['flat'],
    { flags: ['--expose-gc'] },
  );
});

test('1,000 reactors, made, used and closed, leave no descriptor', async () => {
  const before = openDescriptors();
  for (let round = 0; round < 1_000; round++) {
    using reactor = new Reactor();
    using counter = new EventFd({ initial: 1n });
    let served = false;
    reactor.register(counter, { readable: true, trigger: 'oneshot' }, () => (served = true));
    if (round % 100 === 0) await until('the event', () => served);
    else reactor.turn(0);
    assert.equal(served, true);
  }
  nothingLeftOpen(before);
});
