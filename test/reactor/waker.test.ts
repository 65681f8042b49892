// Waking a reactor from other threads.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClosedError, EventFd, Pipe, Waker } from 'epoll-ts';
import { close, dup3, O_CLOEXEC } from 'epoll-ts/sys';
import { inTime, loopTurns, until } from '../support/loopTurns.ts';
import { reactorRig } from '../support/reactorRig.ts';
import { endOf, startThread } from '../support/threadScript.ts';
import { withRoomBelow } from '../support/withRoomBelow.ts';

test('several wakes before a turn are one call', async (t) => {
  const { waker: make } = reactorRig(t);
  let woken = 0;
  const waker = make(() => void woken++);
  await loopTurns();
  assert.equal(woken, 0);
  for (let round = 1; round <= 3; round++) {
    for (let wake = 0; wake < 100; wake++) waker.wake();
    await loopTurns();
    assert.equal(woken, round);
  }
});

test('each of 10,000 wakes from two workers is followed by a call, and no call comes without a wake', async (t) => {
  const { reactor, waker: make } = reactorRig(t);
  const perWorker = 5_000;
  const sent = new Int32Array(new SharedArrayBuffer(4));
  let woken = 0;
  let seen = 0;
  const waker = make(() => {
    woken++;
    seen = Atomics.load(sent, 0);
  });
  const workers = [1, 2].map(() =>
    startThread(
      `const waker = epoll.Waker.from(workerData.fd);
       for (let wake = 0; wake < workerData.perWorker; wake++) {
         Atomics.add(workerData.sent, 0, 1);
         waker.wake();
       }`,
      { fd: waker.fd, perWorker, sent },
    ),
  );
  await inTime('the end of the workers', Promise.all(workers.map((worker) => endOf(worker))));
  await until('the last wake', () => seen === 2 * perWorker);
  await loopTurns();
  assert.ok(woken >= 1 && woken <= 2 * perWorker, `${woken} calls`);
  const { registrations } = reactor.snapshot();
  assert.equal(registrations[0]?.delivered, woken);
});

test('a wake ends a blocking turn, with a handler or without', async (t) => {
  for (const onWake of [undefined, () => {}]) {
    const { reactor } = reactorRig(t);
    const waker = reactor.waker(onWake);
    const worker = startThread('epoll.Waker.from(workerData).wake();', waker.fd);
    const end = endOf(worker);
    assert.equal(reactor.turn(), 1);
    assert.equal(reactor.turn(0), 0, 'one wake is one turn');
    await inTime('the end of the worker', end);
    waker.close();
  }
});

test('Waker.from takes the eventfd of a waker, and nothing else', (t) => {
  const { counter, waker: make } = reactorRig(t);
  using pipe = new Pipe();
  assert.throws(() => Waker.from(pipe.writer.fd), { name: 'TypeError', message: /must be an eventfd/ });
  assert.throws(() => Waker.from(-1), RangeError);
  assert.throws(() => Waker.from('3' as unknown as number), TypeError);
  assert.throws(() => Waker.from(999), { name: 'SystemError', code: 'EBADF' });
  const other = counter();
  assert.throws(() => Waker.from(other.fd), { name: 'TypeError', message: /must be the eventfd of a waker/ });
  assert.equal(other.read(), null);
  Waker.from(make().fd).wake();
});

test('a waker whose number is another file by now wakes nobody, and writes nothing', (t) => {
  const { waker: make } = reactorRig(t);
  const waker = withRoomBelow(() => make());
  const other = Waker.from(waker.fd);
  const { fd } = waker;
  waker.close();
  using pipe = new Pipe();
  assert.equal(dup3(pipe.writer.fd, fd, O_CLOEXEC), fd);
  assert.throws(() => other.wake(), { name: 'TypeError', message: /its file is another one/ });
  assert.equal(pipe.reader.read(Buffer.alloc(8)), null);
  close(fd);
});

test("close() of the reactor's side ends it, and of the other side closes nothing", async (t) => {
  const { reactor, waker: make } = reactorRig(t);
  let woken = 0;
  const waker = withRoomBelow(() => make(() => void woken++));
  const other = Waker.from(waker.fd);
  other.close();
  other.close();
  assert.throws(() => other.wake(), ClosedError);
  assert.throws(() => other.fd, ClosedError);
  waker.wake();
  await loopTurns();
  assert.equal(woken, 1);
  const second = Waker.from(waker.fd);
  waker.close();
  waker.close();
  assert.throws(() => waker.wake(), ClosedError);
  assert.throws(() => second.wake(), { name: 'SystemError', code: 'EBADF' });
  assert.deepEqual(reactor.snapshot().registrations, []);
});

test('closing the reactor leaves a waker that wakes nobody, and can be closed', (t) => {
  const { reactor } = reactorRig(t);
  using waker = reactor.waker(() => assert.fail('called'));
  reactor.close();
  waker.wake();
  assert.throws(() => reactor.waker(), ClosedError);
});

test('a waker that wakes itself in its handler is called on the next turn, not without end in this one', async (t) => {
  const { reactor, waker: make } = reactorRig(t);
  const turns: number[] = [];
  const waker = make(() => {
    turns.push(reactor.snapshot().turns);
    if (turns.length < 3) waker.wake();
  });
  waker.wake();
  await loopTurns(10);
  assert.deepEqual(turns, [1, 2, 3]);
});

test('a waker does not lose a wake when its counter was written by hand', async (t) => {
  const { waker: make } = reactorRig(t);
  let woken = 0;
  const waker = make(() => void woken++);
  EventFd.from(waker.fd).write(2n ** 64n - 2n);
  await loopTurns();
  assert.equal(woken, 1);
  waker.wake();
  await loopTurns();
  assert.equal(woken, 2, 'although the counter is full');
});
