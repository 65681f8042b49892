// The host's loop: what handlers start runs at once, attaching and detaching at any moment, and a broken descriptor.
import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { test } from 'node:test';
import { EventFd, Reactor } from 'epoll-ts';
import { close, dup, EFD_CLOEXEC, EFD_NONBLOCK, eventfd, O_CLOEXEC, open } from 'epoll-ts/sys';
import { expectScript } from '../support/childScript.ts';
import { loopTurns } from '../support/loopTurns.ts';
import { opened } from '../support/opened.ts';
import { nothingLeftOpen, openDescriptors } from '../support/openDescriptors.ts';
import { reactorRig } from '../support/reactorRig.ts';

// What a host that hides libuv's functions from us looks like: koffi's own callback has to do there.
const withoutLibuv = `
  import { createRequire } from 'node:module';
  const koffi = createRequire(process.cwd() + '/dist/sys/ffi/koffi.js')('koffi');
  const { load } = koffi;
  let refused = 0;
  koffi.load = (...args) => {
    const library = load(...args);
    return {
      symbol: (name) => library.symbol(name),
      func: (name, ...rest) => {
        if (name.startsWith('uv_')) throw new Error('there is no ' + name + ' for request ' + ++refused);
        return library.func(name, ...rest);
      },
    };
  };
  process.on('exit', () => { if (refused === 0) console.log('libuv was not asked for'); });
`;

for (const [host, preamble] of Object.entries({ 'as it is': '', 'without libuv': withoutLibuv })) {
  test(
    `on a host ${host}, await, nextTick and queueMicrotask in a handler go on at once, ` +
      'with nothing else in the loop',
    () => {
      // Anything else in the loop would drain the queues and hide what Node ≥ 26.4 leaves undone (nodejs/node#62969).
      expectScript(
        `${preamble}
       const { EventFd, Reactor } = await import('epoll-ts');
       const reactor = new Reactor();
       const counter = new EventFd({ initial: 1n });
       const idle = new EventFd();
       const events = [];
       reactor.register(idle, { readable: true }, () => {});
       reactor.register(counter, { readable: true, trigger: 'oneshot' }, async () => {
         process.nextTick(() => events.push('nextTick'));
         queueMicrotask(() => events.push('microtask'));
         events.push('handler');
         await null;
         events.push('await');
         await Promise.resolve();
         events.push('end');
         console.log(events.sort().join());
         counter.close();
         idle.close();
       });`,
        ['await,end,handler,microtask,nextTick'],
      );
    },
  );

  test(`on a host ${host}, level and one-shot, throwing handlers, closing and ending work`, () => {
    expectScript(
      `${preamble}
       const { EventFd, Reactor } = await import('epoll-ts');
       process.on('uncaughtException', (error) => console.log('caught', error.message));
       const reactor = new Reactor();
       const counter = new EventFd({ initial: 1n });
       const other = new EventFd({ initial: 1n });
       const awaited = new EventFd();
       let calls = 0;
       reactor.register(counter, { readable: true }, () => {
         if (++calls === 1) throw new Error('once');
         if (calls === 5) counter.close();
       });
       reactor.register(other, { readable: true, trigger: 'oneshot' }, (_, registration) => {
         if (calls < 3) return registration.rearm();
         console.log('one-shot');
         registration.close();
         awaited.write();
       });
       await reactor.register(awaited, { readable: true }).readable();
       console.log('awaited', calls >= 3);
       reactor.register(other, { readable: true }, () => {}).unref();
       other.read();`,
      ['caught once', 'one-shot', 'awaited true'],
    );
  });
}

test('a handler runs in its own asynchronous context, and what one leaves behind reaches none of a later turn', async (t) => {
  const { reactor, counter } = reactorRig(t);
  const store = new AsyncLocalStorage<string>();
  const seen: unknown[] = [];
  store.run('first', () =>
    reactor.register(counter(1n), { readable: true, trigger: 'oneshot' }, () => void seen.push(store.getStore())),
  );
  reactor.register(counter(1n), { readable: true, trigger: 'oneshot' }, () => {
    store.enterWith('left behind by a handler');
    seen.push(undefined);
  });
  await loopTurns();
  const later = counter();
  reactor.register(later, { readable: true, trigger: 'oneshot' }, () => void seen.push(store.getStore()));
  later.write();
  await loopTurns();
  assert.deepEqual(seen, ['first', undefined, undefined]);
});

test('promises that handlers start run when the batch is through, in the same iteration of the loop', async (t) => {
  const { reactor, counter } = reactorRig(t);
  const order: string[] = [];
  for (const index of [1, 2]) {
    reactor.register(counter(1n), { readable: true, trigger: 'oneshot' }, () => {
      order.push(`handler ${index}`);
      void Promise.resolve().then(() => order.push(`promise ${index}`));
    });
  }
  await loopTurns(1);
  await loopTurns(1);
  assert.deepEqual(order, ['handler 1', 'handler 2', 'promise 1', 'promise 2']);
});

test('a reactor attaches with its first registration, and detaches when the last is gone', async (t) => {
  const { reactor, counter } = reactorRig(t);
  assert.equal(reactor.snapshot().attached, false);
  const registration = reactor.register(counter(), { readable: true }, () => {});
  assert.equal(reactor.snapshot().attached, true);
  registration.close();
  await loopTurns();
  assert.equal(reactor.snapshot().attached, false);
});

test('attaching and detaching in the same tick, with the same numbers, serves the last one', async (t) => {
  const { counter } = reactorRig(t);
  const efd = counter(1n);
  const called: number[] = [];
  let reactor = new Reactor();
  const numbers = new Set([reactor.fd]);
  for (let round = 0; round < 20; round++) {
    reactor.register(efd, { readable: true, trigger: 'oneshot' }, () => void called.push(round));
    reactor.close();
    reactor = new Reactor();
    numbers.add(reactor.fd);
  }
  // Not always one: another thread of the process may close or open a lower number meanwhile (seen once).
  assert.ok(numbers.size <= 5, `the numbers are taken again: ${[...numbers].join()}`);
  reactor.register(efd, { readable: true, trigger: 'oneshot' }, () => void called.push(-1));
  await loopTurns();
  reactor.close();
  assert.deepEqual(called, [-1]);
});

test('a registration that goes and one that comes in the same tick, in a later one, and in a handler', async (t) => {
  const { reactor, counter } = reactorRig(t);
  let called = 0;
  const again = (): void => {
    const efd = counter(1n);
    const registration = reactor.register(efd, { readable: true }, () => {
      registration.close();
      if (++called < 30) again();
    });
  };
  for (let round = 0; round < 5; round++) reactor.register(counter(1n), { readable: true }, () => {}).close();
  again();
  await loopTurns(100);
  assert.equal(called, 30);
  assert.equal(reactor.snapshot().attached, false);
  again();
  await loopTurns();
  assert.equal(called, 31);
});

test('a reactor that is closed with a turn scheduled does not turn', async (t) => {
  const { reactor, counter } = reactorRig(t);
  let called = 0;
  reactor.register(counter(1n), { readable: true }, () => void called++);
  // In the phase before the immediates of an iteration in which the descriptor is ready.
  await new Promise<void>((resolve) => {
    const other = new Reactor();
    const efd = counter(1n);
    other.register(efd, { readable: true }, () => {
      reactor.close();
      other.close();
      resolve();
    });
  });
  const before = called;
  await loopTurns();
  assert.equal(called, before);
});

test('a refused registration leaves the reactor as it was', async (t) => {
  const { reactor } = reactorRig(t);
  const before = openDescriptors();
  const file = open(process.execPath, O_CLOEXEC);
  for (let round = 0; round < 3; round++) {
    assert.throws(() => reactor.register(file, { readable: true }, () => {}), { code: 'EPERM', fd: file });
    assert.throws(() => reactor.register(999, { readable: true }, () => {}), { code: 'EBADF', fd: 999 });
    assert.throws(() => reactor.register(reactor, { readable: true }, () => {}), { code: 'EINVAL', fd: reactor.fd });
    assert.throws(() => reactor.register(reactor.fd, { readable: true }), { code: 'EINVAL' });
  }
  close(file);
  await loopTurns();
  assert.equal(reactor.snapshot().attached, false);
  assert.deepEqual(reactor.snapshot().registrations, []);
  nothingLeftOpen(before);
});

test('an error of epoll_wait is reported once, rejects what waits, and neither spins nor aborts', () => {
  // A duplicate keeps the instance alive, so that the host's loop goes on to find it ready.
  for (const reuse of ['', 'open(process.execPath, O_CLOEXEC);', 'eventfd(1, 0);']) {
    expectScript(
      `import { EventFd, Reactor } from 'epoll-ts';
       import { close, dup, eventfd, open, O_CLOEXEC } from 'epoll-ts/sys';
       const reactor = new Reactor();
       const [counter, idle, late] = [new EventFd(), new EventFd(), new EventFd()];
       dup(reactor.fd);
       process.on('uncaughtException', (error) => {
         console.log(error.name, ['EBADF', 'EINVAL'].includes(error.code), error.syscall, error.fd === fd);
         try { reactor.register(late, { readable: true }); } catch ({ code }) { console.log(['EBADF', 'EINVAL'].includes(code)); }
       });
       const { fd } = reactor;
       reactor.register(counter, { readable: true }, () => console.log('never'));
       reactor.register(idle, { readable: true }).readable().catch((error) => console.log('wait', error.name));
       await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
       close(fd);
       ${reuse}
       counter.write();`,
      ['SystemError true epoll_wait true', 'true', 'wait SystemError'],
    );
  }
});

test('closing the number of a reactor in the tick in which it attaches does not abort the process', () => {
  expectScript(
    `import { EventFd, Reactor } from 'epoll-ts';
     import { close } from 'epoll-ts/sys';
     const reactor = new Reactor();
     const [counter, other] = [new EventFd(), new EventFd()];
     reactor.register(counter, { readable: true }, () => {}).unref();
     close(reactor.fd);
     // Which error depends on who has the number by now.
     for (const use of [() => reactor.register(other, { readable: true }), () => reactor.turn(0)]) {
       try { use(); } catch (error) { console.log(error.name); }
     }
     setImmediate(() => {
       try { reactor.close(); } catch {}
       console.log('closed', reactor.closed);
     });`,
    ['SystemError', 'SystemError', 'closed true'],
  );
});

test('a reactor that was never used is collected with a warning, an attached one is not collected', () => {
  expectScript(
    `import { EventFd, Reactor } from 'epoll-ts';
     let heard = 0;
     function makeOneAndForgetIt() { new Reactor(); }
     makeOneAndForgetIt();
     (() => {
       const reactor = new Reactor();
       const counter = new EventFd({ initial: 1n });
       reactor.register(counter, { readable: true, trigger: 'oneshot' }, () => void heard++).unref();
     })();
     const warning = await Promise.race([
       new Promise((resolve) => process.once('warning', resolve)),
       (async () => { for (;;) { gc(); await new Promise(setImmediate); } })(),
     ]);
     console.log(warning.code, /^Reactor with fd \\d+ was garbage-collected/.test(warning.message), warning.message.includes('makeOneAndForgetIt'));
     process.on('warning', (other) => console.log(other.message));
     for (let round = 0; round < 20; round++) { gc(); await new Promise(setImmediate); }
     console.log('heard', heard);
     process.exit();`,
    ['EPOLL_TS_UNCLOSED true true', 'heard 1'],
    { flags: ['--expose-gc', '--no-warnings'] },
  );
});

test('an attached reactor goes on to deliver under garbage collection', () => {
  expectScript(
    `import { EventFd, Reactor } from 'epoll-ts';
     const counter = new EventFd();
     let heard = 0;
     (() => new Reactor().register(counter, { readable: true }, (_, registration) => {
       counter.read();
       if (++heard === 200) registration.close();
     }))();
     for (let round = 0; heard < 200; round++) {
       if (round % 10 === 0) gc();
       counter.write();
       await new Promise(setImmediate);
     }
     console.log('heard', heard);
     process.exit();`,
    ['heard 200'],
    { flags: ['--expose-gc', '--no-warnings'] },
  );
});

test("two reactors that watch each other's numbers do no harm", async (t) => {
  const { reactor, counter } = reactorRig(t);
  const second = reactorRig(t).reactor;
  let called = 0;
  second.register(reactor, { readable: true, trigger: 'edge' }, () => void called++);
  assert.throws(() => reactor.register(second, { readable: true }, () => {}), { code: 'ELOOP' });
  reactor.register(counter(1n), { readable: true, trigger: 'oneshot' }, () => {});
  await loopTurns();
  assert.ok(called <= 1, 'the inner reactor may have turned first');
  reactor.close();
  assert.deepEqual(second.snapshot().registrations, []);
});

test('a descriptor that Node watches too can be registered', async (t) => {
  const { reactor } = reactorRig(t);
  const fd = opened(t, eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  const copy = opened(t, dup(fd));
  let called = 0;
  reactor.register(copy, { readable: true, trigger: 'oneshot' }, () => void called++);
  EventFd.from(fd).write();
  await loopTurns();
  assert.equal(called, 1);
});
