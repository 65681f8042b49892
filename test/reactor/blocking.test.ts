// The same reactor, blocking: turn, run and stop.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClosedError, Reactor, TimerFd } from 'epoll-ts';
import { EPOLLIN } from 'epoll-ts/sys';
import { inTime, loopTurns } from '../support/loopTurns.ts';
import { reactorRig } from '../support/reactorRig.ts';
import { endOf, messageOf, startThread } from '../support/threadScript.ts';

test('turn(0) does not wait, and tells how many events there were', (t) => {
  const { reactor, counter } = reactorRig(t);
  assert.equal(reactor.turn(0), 0, 'without a registration too');
  const called: number[] = [];
  for (let index = 0; index < 3; index++) {
    reactor.register(
      counter(index === 1 ? 0n : 1n),
      { readable: true, trigger: 'edge' },
      () => void called.push(index),
    );
  }
  assert.equal(reactor.turn(0), 2);
  assert.deepEqual(called, [0, 2]);
  assert.equal(reactor.turn(0), 0);
});

for (const timeoutMs of [1, 0.3, 30, 120.5]) {
  test(`turn(${timeoutMs}) does not end early`, (t) => {
    const { reactor, counter } = reactorRig(t);
    reactor.register(counter(), { readable: true }, () => {});
    const start = process.hrtime.bigint();
    assert.equal(reactor.turn(timeoutMs), 0);
    assert.ok(process.hrtime.bigint() - start >= BigInt(timeoutMs * 1e6));
  });
}

test('turn() waits for an event as long as it takes', (t) => {
  const { reactor } = reactorRig(t);
  using timer = new TimerFd();
  timer.set({ afterNs: 150_000_000n });
  let called = 0;
  reactor.register(timer, { readable: true }, () => {
    called++;
    timer.read();
  });
  assert.equal(reactor.turn(), 1);
  assert.equal(called, 1);
});

test('turn() refuses wrong timeouts, and a closed reactor', (t) => {
  const { reactor } = reactorRig(t);
  for (const wrong of [-1, NaN, -Infinity]) assert.throws(() => reactor.turn(wrong), RangeError);
  for (const wrong of ['1', null, 1n]) assert.throws(() => reactor.turn(wrong as unknown as number), TypeError);
  reactor.close();
  assert.throws(() => reactor.turn(0), ClosedError);
  assert.throws(() => reactor.run(), ClosedError);
  reactor.stop();
});

test('a Reactor refuses wrong options', () => {
  for (const maxevents of [0, 65_537, 1.5, NaN]) assert.throws(() => new Reactor({ maxevents }), RangeError);
  assert.throws(() => new Reactor({ maxevents: '1' as unknown as number }), TypeError);
});

test('a turn inside a handler serves what is ready, and the rest of the outer batch is served after it', (t) => {
  const { reactor, counter } = reactorRig(t);
  const order: string[] = [];
  const inner = counter();
  reactor.register(counter(1n), { readable: true, trigger: 'oneshot' }, () => {
    order.push('outer begins');
    inner.write();
    assert.equal(reactor.turn(0), 1);
    order.push('outer ends');
  });
  reactor.register(
    counter(1n),
    { readable: true, trigger: 'oneshot' },
    () => void order.push('second of the outer batch'),
  );
  reactor.register(inner, { readable: true, trigger: 'oneshot' }, () => void order.push('inner'));
  assert.equal(reactor.turn(0), 2);
  assert.deepEqual(order, ['outer begins', 'inner', 'outer ends', 'second of the outer batch']);
});

test('turns within turns within turns keep their batches apart', (t) => {
  const { reactor, counter } = reactorRig(t, { maxevents: 3 });
  reactor.turn(0); // makes the buffer that the first turn below takes
  const depths = new Map<number, number>();
  let depth = 0;
  for (let index = 0; index < 9; index++) {
    reactor.register(counter(1n), { readable: true, trigger: 'oneshot' }, (mask) => {
      assert.equal(mask, EPOLLIN);
      assert.equal(depths.has(index), false, 'each once');
      depths.set(index, ++depth);
      reactor.turn(0);
      depth--;
    });
  }
  reactor.turn(0);
  assert.equal(depths.size, 9);
  assert.equal(Math.max(...depths.values()), 9 / 3, 'one level for each batch, and each batch was emptied');
});

test("a turn of an attached reactor, in a handler of the host's loop", async (t) => {
  const { reactor, counter } = reactorRig(t);
  const order: string[] = [];
  reactor.register(counter(1n), { readable: true, trigger: 'oneshot' }, () => {
    reactor.register(counter(1n), { readable: true, trigger: 'oneshot' }, () => void order.push('inner'));
    reactor.turn();
    order.push('outer');
  });
  await loopTurns();
  assert.deepEqual(order, ['inner', 'outer']);
});

test('run() returns when nothing is left that keeps it alive', (t) => {
  const { reactor, counter, waker } = reactorRig(t);
  reactor.run();
  reactor.register(counter(), { readable: true }, () => {}).unref();
  waker();
  reactor.register(counter(), { readable: true });
  reactor.run();
  let rounds = 0;
  const efd = counter(1n);
  reactor.register(efd, { readable: true }, (_, registration) => {
    if (++rounds === 5) registration.close();
  });
  reactor.run();
  assert.equal(rounds, 5);
});

test('run() returns when a wait is served: its promise goes on after that', async (t) => {
  const { reactor, counter } = reactorRig(t);
  const order: string[] = [];
  const wait = reactor
    .register(counter(1n), { readable: true })
    .readable()
    .then(() => order.push('promise'));
  reactor.run();
  order.push('run returned');
  await inTime('the promise', wait);
  assert.deepEqual(order, ['run returned', 'promise']);
});

test('stop(), an aborted signal and close() in a handler end run() after the batch', (t) => {
  for (const how of ['stop', 'abort', 'close']) {
    const { reactor, counter } = reactorRig(t);
    const abort = new AbortController();
    let called = 0;
    for (let index = 0; index < 3; index++) {
      reactor.register(counter(1n), { readable: true }, () => {
        called++;
        if (how === 'stop') reactor.stop();
        if (how === 'abort') abort.abort();
        if (how === 'close') reactor.close();
      });
    }
    reactor.run({ signal: abort.signal });
    assert.equal(called, how === 'close' ? 1 : 3, how);
  }
});

test('run() refuses what is no AbortSignal, and has not turned then', (t) => {
  const { reactor, counter } = reactorRig(t);
  let called = 0;
  reactor.register(counter(1n), { readable: true, trigger: 'oneshot' }, () => void called++);
  for (const signal of [5, 'abort', null, {}, { aborted: true }])
    assert.throws(() => reactor.run({ signal: signal as never }), {
      name: 'TypeError',
      message: /^Cannot run as 'signal' must be an AbortSignal: current value is /,
    });
  assert.equal(called, 0);
});

test('run() with a signal that is aborted already does not turn, and stop() before run() does not count', (t) => {
  const { reactor, counter } = reactorRig(t);
  let called = 0;
  const efd = counter(1n);
  reactor.register(efd, { readable: true }, () => {
    called++;
    efd.close();
  });
  reactor.run({ signal: AbortSignal.abort() });
  assert.equal(called, 0);
  reactor.stop();
  reactor.run();
  assert.equal(called, 1);
});

test('run() in a worker is ended by a waker, and can be begun again', async () => {
  const worker = startThread(
    `const reactor = new epoll.Reactor();
     const waker = reactor.waker(() => reactor.stop());
     parentPort.postMessage(waker.fd);
     reactor.run();
     const second = new epoll.EventFd({ initial: 1n });
     let rounds = 0;
     reactor.register(second, { readable: true }, () => { if (++rounds === 3) reactor.stop(); });
     reactor.run();
     parentPort.postMessage(rounds);
     reactor.close();`,
  );
  const { Waker } = await import('epoll-ts');
  const end = endOf(worker);
  const fd = Number(await inTime('the waker', messageOf(worker)));
  const rounds = messageOf(worker);
  Waker.from(fd).wake();
  assert.equal(await inTime('the rounds', rounds), 3);
  assert.equal(await inTime('the end', end), 0);
});

test('run() waits through an idle time of several slices', async () => {
  const worker = startThread(
    `const reactor = new epoll.Reactor();
     const timer = new epoll.TimerFd();
     timer.set({ afterNs: 250_000_000n });
     reactor.register(timer, { readable: true }, () => timer.close());
     reactor.run();
     parentPort.postMessage('done');`,
  );
  const end = endOf(worker);
  assert.equal(await inTime('the timer', messageOf(worker)), 'done');
  assert.equal(await inTime('the end', end), 0);
});
