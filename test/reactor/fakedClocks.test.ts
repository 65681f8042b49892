// A program's clock is a fake: waits, registrations, blocking turns and what is put off go on.
import { test } from 'node:test';
import { expectScript } from '../support/childScript.ts';

// What sinon, vitest, jest and node:test do, each with its own reach: globals, and the members of node:timers.
const fake = `
  import timers from 'node:timers';
  const never = () => ({ ref() { return this; }, unref() { return this; }, hasRef: () => false });
  for (const holder of [globalThis, timers]) {
    for (const name of ['setImmediate', 'setTimeout', 'setInterval']) holder[name] = never;
  }
  globalThis.queueMicrotask = () => {};
  performance.now = () => 1000;
  Date.now = () => 1000;
  process.hrtime = Object.assign(() => [1, 0], { bigint: () => 1000n });
`;

test('a wait, an iterator, a handler and a waker have their events', () => {
  expectScript(
    `import { EventFd, Reactor } from 'epoll-ts';
     ${fake}
     const reactor = new Reactor();
     const counters = Array.from({ length: 3 }, () => new EventFd());
     const waited = reactor.register(counters[0], { readable: true }).readable();
     const iterator = reactor.register(counters[1], { readable: true })[Symbol.asyncIterator]();
     const iterated = iterator.next();
     const handled = new Promise((resolve) => reactor.register(counters[2], { readable: true, trigger: 'oneshot' }, resolve));
     let waker;
     const woken = new Promise((resolve) => { waker = reactor.waker(resolve); });
     for (const counter of counters) counter.write();
     waker.wake();
     await Promise.all([waited, iterated, handled, woken]);
     console.log('all');
     for (const each of [waker, reactor, ...counters]) each.close();`,
    ['all'],
  );
});

test('a blocking turn ends in its time', () => {
  expectScript(
    `import { EventFd, Reactor } from 'epoll-ts';
     ${fake}
     const reactor = new Reactor();
     const counter = new EventFd();
     reactor.register(counter, { readable: true }, () => {});
     console.log(reactor.turn(150));
     reactor.close();
     counter.close();`,
    ['0'],
  );
});

test('a file that forgets its event has joined, and a reactor without registrations leaves the loop', () => {
  expectScript(
    `import { closeSync, openSync } from 'node:fs';
     import { EventFd, Reactor } from 'epoll-ts';
     import { setImmediate as turn } from 'node:timers/promises';
     ${fake}
     const reactor = new Reactor();
     const file = openSync('/proc/sys/kernel/hostname', 'r');
     const registration = reactor.register(file, { priority: true }, () => {});
     for (let index = 0; index < 5; index++) await turn();
     console.log(reactor.snapshot().registrations[0].kernelEvents !== null);
     registration.close();
     for (let index = 0; index < 5; index++) await turn();
     console.log(reactor.snapshot().attached);
     reactor.close();
     closeSync(file);`,
    ['true', 'false'],
  );
});
