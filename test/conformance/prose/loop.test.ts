// A reactor in Node's loop: who keeps the process alive, what happens inside handlers, other threads.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Epoll } from 'epoll-ts';
import { close, EFD_CLOEXEC, EFD_NONBLOCK, EpollEventBuffer, EPOLLIN, eventfd } from 'epoll-ts/sys';
import { runScript } from '../../support/childScript.ts';
import { loopTurns, until } from '../../support/loopTurns.ts';
import { reactorRig } from '../../support/reactorRig.ts';
import { endOf, messageOf, startThread } from '../../support/threadScript.ts';
import { printed, ScriptProcess } from './scriptProcess.ts';

test('m-waker-single: a reactor has any number of wakers, and each wakes it', async (t) => {
  const { waker } = reactorRig(t);
  const woken: string[] = [];
  const wakers = ['a', 'b'].map((name) => waker(() => void woken.push(name)));
  for (const each of wakers) each.wake();
  await until('both have woken it', () => woken.length === 2);
  assert.deepEqual(woken.sort(), ['a', 'b']);
});

test('u-close64: registrations that are closed before the loop turns get no event and keep nothing alive', () => {
  const lines = printed(`
    import { Reactor } from 'epoll-ts';
    const reactor = new Reactor();
    let events = 0;
    const registrations = [];
    for (let index = 0; index < 32; index++) {
      for (const fd of sys.socketpair(sys.AF_UNIX, sys.SOCK_STREAM | sys.SOCK_NONBLOCK | sys.SOCK_CLOEXEC, 0)) {
        registrations.push(reactor.register(fd, { readable: true, writable: true }, () => events++));
      }
    }
    for (const registration of registrations) registration.close();
    process.on('exit', () => say(registrations.length + ' ' + events));`);
  assert.deepEqual(lines, ['64 0']);
});

test('u-embed: the descriptor of a reactor can be waited for, and the reactor be turned by hand', async (t) => {
  const { reactor, waker } = reactorRig(t);
  let woken = 0;
  const own = waker(() => void woken++);
  using outside = new Epoll();
  const events = new EpollEventBuffer(1);
  outside.add(reactor.fd, EPOLLIN);
  assert.equal(outside.wait(events, { timeoutMs: 0 }), 0);
  const end = endOf(startThread('epoll.Waker.from(workerData).wake();', own.fd));
  assert.equal(outside.wait(events, { timeoutMs: 30_000 }), 1);
  assert.equal(woken, 0);
  assert.equal(reactor.turn(0), 1);
  assert.equal(woken, 1);
  assert.equal(outside.wait(events, { timeoutMs: 0 }), 0);
  await end;
});

test(
  'u-closesocket: a handler can change its interest, close the descriptor and its registration, ' +
    'and is not called again',
  async (t) => {
    const { reactor } = reactorRig(t);
    const fd = eventfd(1, EFD_NONBLOCK | EFD_CLOEXEC);
    let calls = 0;
    reactor.register(fd, { readable: true }, (_mask, registration) => {
      calls++;
      registration.modify({ readable: true, writable: true });
      close(fd);
      registration.close();
    });
    await until('the event', () => calls > 0);
    await loopTurns();
    assert.equal(calls, 1);
    assert.deepEqual(reactor.snapshot().registrations, []);
  },
);

test('f-oneshot: a one-shot that is not drained calls its handler once', async (t) => {
  const { reactor, counter } = reactorRig(t);
  const ready = counter(1n);
  let calls = 0;
  const registration = reactor.register(ready, { readable: true, trigger: 'oneshot' }, () => void calls++);
  await until('the event', () => calls > 0);
  await loopTurns(20);
  assert.equal(calls, 1);
  assert.equal(registration.armed, false);
  assert.equal(ready.read(), 1n);
});

test('f-leak: a reactor for each event, made and closed again, costs no memory and no descriptors', () => {
  const lines = printed(
    `
    import { Reactor, EventFd } from 'epoll-ts';
    import { readdirSync } from 'node:fs';
    const once = () => new Promise((resolve) => {
      const reactor = new Reactor();
      const counter = new EventFd({ initial: 1n });
      reactor.register(counter, { readable: true }, (_mask, registration) => {
        registration.close();
        counter.close();
        reactor.close();
        resolve();
      });
    });
    const state = async () => {
      for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
      gc();
      return { heap: process.memoryUsage().heapUsed, open: readdirSync('/proc/self/fd').length };
    };
    for (let round = 0; round < 2_000; round++) await once();
    const before = await state();
    for (let round = 0; round < 10_000; round++) await once();
    const after = await state();
    say(after.open - before.open);
    const bytesPerRound = (after.heap - before.heap) / 10_000;
    say(bytesPerRound < 100 ? 'flat' : bytesPerRound + ' bytes per round');`,
    { flags: ['--expose-gc'] },
  );
  assert.deepEqual(lines, ['0', 'flat']);
});

test('x-worker-shared: two workers use one epoll instance by its number, and one owner closes it', async () => {
  using ep = new Epoll();
  const workers = [1, 2].map(() =>
    startThread(
      `const fd = sys.eventfd(0, sys.EFD_NONBLOCK | sys.EFD_CLOEXEC);
       const events = new sys.EpollEventBuffer(4);
       const answers = [
         sys.epoll_ctl(workerData, sys.EPOLL_CTL_ADD, fd, sys.EPOLLIN | sys.EPOLLONESHOT),
         sys.eventfd_write(fd, 1n),
         sys.epoll_ctl(workerData, sys.EPOLL_CTL_MOD, fd, sys.EPOLLIN | sys.EPOLLONESHOT),
       ];
       // Either worker may take either event.
       answers.push(sys.epoll_wait(workerData, events, 1, 30_000));
       parentPort.postMessage(answers);`,
      ep.fd,
    ),
  );
  const answers = await Promise.all(workers.map((worker) => messageOf(worker)));
  assert.deepEqual(answers, [
    [0, 0, 0, 1],
    [0, 0, 0, 1],
  ]);
  assert.equal(ep.entries().length, 2);
});

test(
  'x-worker-uncaught: a handler that throws costs no other of its batch its event, ' + 'and the error is uncaught once',
  () => {
    const lines = printed(`
    import { Reactor, EventFd } from 'epoll-ts';
    const reactor = new Reactor();
    process.on('uncaughtException', (error) => say('uncaught ' + error.message));
    const counters = [0, 1, 2].map(() => new EventFd({ initial: 1n }));
    for (const [index, counter] of counters.entries()) {
      reactor.register(counter, { readable: true }, () => {
        counter.read();
        if (index === 0) throw new Error('boom');
        say('event ' + index);
        if (index === 2) setImmediate(() => { counters[1].write(); setImmediate(() => setImmediate(() => reactor.close())); });
      });
    }`);
    assert.deepEqual([...lines].sort(), ['event 1', 'event 1', 'event 2', 'uncaught boom']);
  },
);

test('x-loop-reentrant: a handler can turn its reactor, wait on it, and close it', async (t) => {
  const { reactor, counter } = reactorRig(t);
  const [outer, inner] = [counter(1n), counter()];
  const seen: string[] = [];
  reactor.register(inner, { readable: true }, () => {
    inner.read();
    seen.push('inner');
  });
  reactor.register(outer, { readable: true }, () => {
    outer.read();
    inner.write();
    assert.equal(reactor.turn(0), 1);
    seen.push('outer');
    using ep = new Epoll();
    assert.equal(ep.wait(new EpollEventBuffer(1), { timeoutMs: 0 }), 0);
    reactor.close();
  });
  await until('both', () => seen.length === 2);
  assert.deepEqual(seen, ['inner', 'outer']);
  assert.equal(reactor.closed, true);
});

const silentReactor = `
  const { Reactor, EventFd } = await import('epoll-ts');
  const reactor = globalThis.kept = new Reactor();`;

test('x-loop-unref: a silent registration keeps the process alive, unless it is unreferenced', async () => {
  const { status, signal } = runScript(
    `${silentReactor} reactor.register(new EventFd(), { readable: true }, () => {}).unref();`,
  );
  assert.deepEqual([status, signal], [0, null]);
  // With ref() again it stays, until what it waits for has come.
  using child = new ScriptProcess(`${silentReactor}
    const registration = reactor.register(0, { readable: true }, () => { say('event'); reactor.close(); });
    registration.unref().ref();
    say('end of script');`);
  assert.equal(await child.line(), 'end of script');
  await child.poke();
  assert.equal(await child.line(), 'event');
  assert.equal(await child.end(), 0);
});

test(
  'x-loop-blockmain: a wait on the main thread makes timers late by itself, ' + 'and an awaited registration does not',
  async (t) => {
    const { reactor, counter } = reactorRig(t);
    let fired = false;
    setTimeout(() => void (fired = true), 1);
    using ep = new Epoll();
    const begin = performance.now();
    assert.equal(ep.wait(new EpollEventBuffer(1), { timeoutMs: 50 }), 0);
    assert.ok(performance.now() - begin >= 50);
    assert.equal(fired, false, 'no timer while the thread blocks');
    await until('the timer', () => fired);
    const silent = counter();
    const waiting = reactor.register(silent, { readable: true }).readable();
    await new Promise((resolve) => {
      setTimeout(resolve, 1);
    });
    silent.write();
    assert.equal(await waiting, EPOLLIN);
  },
);
