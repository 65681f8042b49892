// Waits in great number, given up or left: what one costs does not grow with the others, and nothing is lost.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EPOLLIN, EPOLLOUT } from 'epoll-ts/sys';
import { Waiters } from '#epoll/reactor/waiters.js';
import { inTime, loopTurns } from '../support/loopTurns.ts';
import { reactorRig } from '../support/reactorRig.ts';

/** How many times the list of what waits was walked, as filters count it. */
function walksOf(work: () => void): number {
  const { filter } = Array.prototype;
  let walked = 0;
  Reflect.set(Array.prototype, 'filter', function (this: unknown[], ...args: Parameters<typeof filter>) {
    walked += this.length;
    return Reflect.apply(filter, this, args);
  });
  try {
    work();
  } finally {
    Reflect.set(Array.prototype, 'filter', filter);
  }
  return walked;
}

for (const count of [1_000, 8_000]) {
  test(`${count} waits that are aborted together, and one by one, walk the list no more than a few times`, async () => {
    const waiters = new Waiters();
    let idle = 0;
    const together = new AbortController();
    const all = Array.from({ length: count }, () => waiters.wait(EPOLLIN, together.signal, () => idle++));
    const settled = Promise.allSettled(all);
    assert.ok(walksOf(() => together.abort()) <= 4 * count);
    assert.ok((await settled).every(({ status }) => status === 'rejected'));
    assert.deepEqual([waiters.idle, idle], [true, 1]);

    const single = Array.from({ length: count }, () => new AbortController());
    const each = Promise.allSettled(single.map(({ signal }) => waiters.wait(EPOLLIN, signal, () => idle++)));
    assert.ok(walksOf(() => single.forEach((abort) => abort.abort())) <= 4 * count);
    await each;
    assert.deepEqual([waiters.idle, idle], [true, 2]);
  });
}

test('of many waits some are given up: the others have the event, each what it waits for', async () => {
  const waiters = new Waiters();
  const abort = new AbortController();
  const given = Array.from({ length: 100 }, () =>
    waiters.wait(EPOLLIN, abort.signal, () => assert.fail('not the last')),
  );
  const readable = Array.from({ length: 50 }, () => waiters.wait(EPOLLIN, undefined, () => {}));
  const writable = waiters.wait(EPOLLOUT, undefined, () => {});
  const rejected = Promise.allSettled(given);
  abort.abort();
  await rejected;
  waiters.settle(EPOLLIN);
  assert.deepEqual(new Set(await Promise.all(readable)), new Set([EPOLLIN]));
  assert.deepEqual([waiters.idle, waiters.bits], [false, EPOLLOUT]);
  waiters.settle(EPOLLOUT);
  assert.equal(await writable, EPOLLOUT);
  assert.deepEqual([waiters.idle, waiters.bits], [true, 0]);
});

test('an iterator that is left while it waits settles, takes nothing, and holds nobody', async (t) => {
  const { reactor, counter } = reactorRig(t);
  const efd = counter();
  const registration = reactor.register(efd, { readable: true, trigger: 'edge' });
  const iterator = registration[Symbol.asyncIterator]();
  const next = iterator.next();
  await loopTurns();
  assert.deepEqual(await inTime('return()', iterator.return?.() ?? assert.fail()), { value: undefined, done: true });
  assert.deepEqual(await inTime('next()', next), { value: undefined, done: true });
  assert.equal(reactor.snapshot().registrations[0]?.keepsAlive, false);
  efd.write();
  assert.equal(await inTime('readable()', registration.readable()), EPOLLIN, 'the event was kept for the next wait');
});

test('an exclusive registration that nobody waits on takes no wakeup from one that somebody waits on', async (t) => {
  for (const trigger of ['level', 'edge'] as const) {
    const idle = reactorRig(t);
    const busy = reactorRig(t);
    const efd = idle.counter();
    const interest = { readable: true, exclusive: true, trigger } as const;
    const unwatched = idle.reactor.register(efd, interest);
    const waiting = busy.reactor.register(efd, interest);
    for (let round = 0; round < 3; round++) {
      const wait = waiting.readable();
      await loopTurns();
      efd.write();
      assert.equal(await inTime('the wait', wait), EPOLLIN);
      efd.read();
    }
    assert.equal(unwatched.armed, false);
    assert.equal(idle.reactor.snapshot().turns, 0, `${trigger}: the reactor of the other was not woken`);
  }
});
