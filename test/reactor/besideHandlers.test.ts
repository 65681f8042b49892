// What throws beside a handler - a listener of the program's, a method that it replaced - costs nobody else an event,
// and the reactor stays attached.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventFd, Reactor } from 'epoll-ts';
import { whenEnded } from '#epoll/reactor/registration.js';
import { expectScript } from '../support/childScript.ts';
import { inTime } from '../support/loopTurns.ts';

test('a warning that throws ends neither the batch nor the attached reactor', () => {
  expectScript(
    `import { EventFd, Reactor } from 'epoll-ts';
     import { close, dup, eventfd } from 'epoll-ts/sys';
     process.on('uncaughtException', (error) => console.log('caught', error.message));
     let warned = 0;
     process.emitWarning = () => { warned++; throw new Error('no warnings here'); };
     const reactor = new Reactor();
     const ghost = eventfd(1, 0);
     const copy = dup(ghost);
     const registration = reactor.register(ghost, { readable: true }, () => {});
     close(ghost);
     registration.close(); // its entry stays, and reports on each turn
     const counter = new EventFd();
     let events = 0;
     reactor.register(counter, { readable: true }, () => {
       counter.read();
       events++;
       if (events < 2000) return counter.write();
       console.log('warned', warned, 'events', events, 'attached', reactor.snapshot().attached);
       reactor.close();
       counter.close();
       close(copy);
     });
     counter.write();`,
    ['caught no warnings here', 'warned 1 events 2000 attached true'],
  );
});

test('a callback that throws at the end of its registration stops neither the others nor close()', () => {
  expectScript(
    `import { EventFd, Reactor } from 'epoll-ts';
     import { whenEnded } from '#epoll/reactor/registration.js';
     process.on('uncaughtException', (error) => console.log('caught', error.message));
     const reactor = new Reactor();
     const counters = [new EventFd(), new EventFd()];
     const registrations = counters.map((counter) => reactor.register(counter, { readable: true }, () => {}));
     registrations.forEach((registration, index) => whenEnded(registration, () => { throw new Error('ended ' + index); }));
     counters[0].close();
     reactor.close();
     console.log(counters[0].closed, reactor.closed, registrations.map(({ closed }) => closed).join());
     counters[1].close();`,
    ['true true true,true', 'caught ended 0', 'caught ended 1'],
  );
});

test('a signal whose methods throw costs no other wait its event', async (t) => {
  const reactor = new Reactor();
  const counter = new EventFd();
  t.after(() => [counter, reactor].forEach((each) => each.close()));
  const registration = reactor.register(counter, { readable: true });
  const { signal } = new AbortController();
  Object.defineProperty(signal, 'removeEventListener', {
    value: () => {
      throw new Error('not removed');
    },
  });
  const waits = [registration.readable({ signal }), registration.readable()];
  counter.write();
  await inTime('both waits', Promise.all(waits));
});

test('what is told at the end is taken back', (t) => {
  const reactor = new Reactor();
  const counter = new EventFd();
  t.after(() => [counter, reactor].forEach((each) => each.close()));
  const registration = reactor.register(counter, { readable: true });
  whenEnded(registration, () => assert.fail('told'));
  whenEnded(registration, undefined);
  registration.close();
});
