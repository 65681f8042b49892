// Epoll.wait against the clock, signals and other threads. Lower bounds are strict; upper bounds only tell a hang.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { Epoll, EventFd } from 'epoll-ts';
import { EINTR, epoll_wait, EpollEventBuffer, EPOLLIN, gettid, SignalSet, SIGHUP, SIGURG } from 'epoll-ts/sys';
import { blockedSignals } from '../support/blockedSignals.ts';
import { runScript } from '../support/childScript.ts';
import { inTime, loopTurns, until } from '../support/loopTurns.ts';
import { endOf, messageOf, startThread } from '../support/threadScript.ts';
import { sleeps } from '../support/threadWatch.ts';

const hangMs = 30_000;
const events = new EpollEventBuffer(8);

/** The nanoseconds that a call takes, and what it answers. */
function timed(call: () => number): { answer: number; ns: bigint } {
  const start = process.hrtime.bigint();
  const answer = call();
  return { answer, ns: process.hrtime.bigint() - start };
}

for (const timeoutMs of [0, 0.001, 0.05, 0.3, 1, 1.7, 10, 99.999, 100, 100.001, 130.5]) {
  test(`a wait of ${timeoutMs} ms does not end early`, () => {
    using ep = new Epoll();
    for (let round = 0; round < 3; round++) {
      const { answer, ns } = timed(() => ep.wait(events, { timeoutMs }));
      assert.equal(answer, 0);
      assert.ok(ns >= BigInt(Math.round(timeoutMs * 1e6)), `it took ${ns} ns`);
      assert.ok(ns < BigInt(hangMs) * 1_000_000n);
    }
  });
}

for (const timeoutNs of [0n, 1n, 999n, 50_000n, 250_000n, 1_000_001n, 120_000_001n]) {
  test(`a wait of ${timeoutNs} ns does not end early`, () => {
    using ep = new Epoll();
    for (let round = 0; round < 3; round++) {
      const { answer, ns } = timed(() => ep.wait(events, { timeoutNs }));
      assert.equal(answer, 0);
      assert.ok(ns >= timeoutNs, `it took ${ns} ns`);
    }
  });
}

test('a wait with a huge timeout waits, and ends with the event', () => {
  using ep = new Epoll();
  using counter = new EventFd({ initial: 1n });
  ep.add(counter, EPOLLIN);
  for (const timeoutMs of [2 ** 31, 2 ** 53, Number.MAX_VALUE, Infinity])
    assert.equal(ep.wait(events, { timeoutMs }), 1);
  for (const timeoutNs of [2n ** 63n, 2n ** 64n, 10n ** 40n]) assert.equal(ep.wait(events, { timeoutNs }), 1);
  assert.equal(ep.wait(events), 1);
});

test('a wait without a timeout lasts over several slices, until another thread makes an event', async (t) => {
  const { ep, counter } = make(t);
  const begun = new Int32Array(new SharedArrayBuffer(4));
  const worker = startThread(
    `const { begun, fd } = workerData;
     Atomics.wait(begun, 0, 0);
     for (let slept = 0; slept < 250; slept++) { Atomics.wait(begun, 0, 1, 1); }
     sys.eventfd_write(fd, 1n);`,
    { begun, fd: counter.fd },
  );
  const { answer, ns } = timed(() => {
    Atomics.store(begun, 0, 1);
    Atomics.notify(begun, 0);
    return ep.wait(events);
  });
  assert.equal(answer, 1);
  assert.ok(ns > 250_000_000n);
  await inTime('the end of the worker', endOf(worker));
});

/** A thread that interrupts this one every millisecond with SIGURG, and writes `fd` after `writeAfter` signals. */
async function bombard(t: TestContext, { fd = -1, writeAfter = 0 } = {}): Promise<{ sent(): number }> {
  const state = new Int32Array(new SharedArrayBuffer(8));
  // Not SIGUSR2: the test runner of Node 26 has a diagnostic report written at each.
  const ignore = (): void => {};
  process.on('SIGURG', ignore);
  const worker = startThread(
    `const { tid, pid, signal, state, fd, writeAfter } = workerData;
     parentPort.postMessage('ready');
     while (Atomics.load(state, 0) === 0) {
       sys.tgkill(pid, tid, signal);
       if (Atomics.add(state, 1, 1) + 1 === writeAfter) sys.eventfd_write(fd, 1n);
       Atomics.wait(state, 0, 0, 1);
     }`,
    { tid: gettid(), pid: process.pid, signal: SIGURG, state, fd, writeAfter },
  );
  const end = endOf(worker);
  t.after(async () => {
    Atomics.store(state, 0, 1);
    Atomics.notify(state, 0);
    await inTime('the end of the bombardment', end);
    process.off('SIGURG', ignore);
  });
  await inTime('the start of the bombardment', messageOf(worker));
  return { sent: () => Atomics.load(state, 1) };
}

function make(t: TestContext): { ep: Epoll; counter: EventFd } {
  const ep = new Epoll();
  const counter = new EventFd();
  ep.add(counter, EPOLLIN);
  t.after(() => {
    counter.close();
    ep.close();
  });
  return { ep, counter };
}

test('signals neither shorten a wait nor lengthen it', async (t) => {
  const { ep } = make(t);
  const { sent } = await bombard(t);
  assert.equal(epoll_wait(ep.fd, events, 1, hangMs), -EINTR, 'the kernel ends its wait at a signal');
  for (const timeoutMs of [0, 30, 30.5, 150, 250.25]) {
    const enough = timeoutMs >= 150 ? 3 : 0;
    const start = performance.now();
    // The other thread may not run at all for as long as one wait lasts.
    for (let came = -1; came < enough;) {
      const before = sent();
      const { answer, ns } = timed(() => ep.wait(events, { timeoutMs }));
      came = sent() - before;
      assert.equal(answer, 0);
      assert.ok(ns >= BigInt(timeoutMs * 1e6), `${timeoutMs} ms took ${ns} ns`);
      assert.ok(performance.now() - start < hangMs, `${came} signals came during the wait`);
    }
  }
});

test('an event that comes after signals ends the wait', async (t) => {
  const { ep, counter } = make(t);
  const { sent } = await bombard(t, { fd: counter.fd, writeAfter: 20 });
  const { answer } = timed(() => ep.wait(events));
  assert.equal(answer, 1);
  assert.ok(sent() >= 20);
});

test('a signal in `sigmask` stays pending during the whole wait, over all its slices, and comes after it', async (t) => {
  const { ep, counter } = make(t);
  let received = 0;
  const count = (): void => void received++;
  process.on('SIGHUP', count);
  t.after(() => process.off('SIGHUP', count));
  const before = blockedSignals();
  const worker = startThread(
    `const { tid, pid, signal, fd } = workerData;
     const nothing = new Int32Array(new SharedArrayBuffer(4));
     while (!threads.blocks(tid, signal) || !threads.sleeps(tid)) Atomics.wait(nothing, 0, 0, 1);
     sys.tgkill(pid, tid, signal);
     let stayed = true;
     const end = performance.now() + 350;
     while (stayed && performance.now() < end) {
       stayed = threads.pending(tid, signal);
       Atomics.wait(nothing, 0, 0, 1);
     }
     sys.eventfd_write(fd, 1n);
     parentPort.postMessage(stayed);`,
    { tid: gettid(), pid: process.pid, signal: SIGHUP, fd: counter.fd },
  );
  const end = endOf(worker);
  const message = messageOf(worker);
  const { answer, ns } = timed(() => ep.wait(events, { sigmask: new SignalSet(['SIGHUP']) }));
  assert.equal(answer, 1);
  assert.ok(ns >= 350_000_000n);
  assert.deepEqual(blockedSignals(), before);
  assert.equal(await inTime('the verdict', message), true, 'it was pending all the time');
  await inTime('the end of the worker', end);
  await until('the signal', () => received > 0);
  await loopTurns();
  assert.equal(received, 1);
});

test('waits with a sigmask end in time too, in milliseconds and in fractions', () => {
  using ep = new Epoll();
  const sigmask = new SignalSet(['SIGHUP', 'SIGTERM']);
  const before = blockedSignals();
  for (const timeoutMs of [0, 1, 0.5, 120, 120.5]) {
    const { answer, ns } = timed(() => ep.wait(events, { timeoutMs, sigmask }));
    assert.equal(answer, 0);
    assert.ok(ns >= BigInt(timeoutMs * 1e6));
  }
  assert.deepEqual(blockedSignals(), before);
});

test('worker.terminate() ends a wait without a timeout (issue 2: within 300 ms)', async (t) => {
  const took: number[] = [];
  for (let round = 0; round < 3; round++) {
    const worker = startThread(
      `const ep = new epoll.Epoll();
       parentPort.postMessage(sys.gettid());
       ep.wait(new epoll.EpollEventBuffer(1));
       parentPort.postMessage('the wait ended by itself');`,
    );
    const tid = Number(await inTime('the thread', messageOf(worker)));
    await until('the wait', () => sleeps(tid));
    const start = performance.now();
    assert.equal(await inTime('the end of the worker', worker.terminate()), 1);
    took.push(Math.round(performance.now() - start));
  }
  t.diagnostic(`worker.terminate() took ${took.join(', ')} ms; best ${Math.min(...took)} ms of 300`);
  assert.ok(Math.min(...took) < hangMs);
});

test('process.exit() ends while a worker waits without a timeout (issue 2: within 500 ms)', (t) => {
  const took: number[] = [];
  for (let round = 0; round < 3; round++) {
    const { lines, status, stderr } = runScript(
      `import { messageOf, startThread } from './build/test/support/threadScript.js';
       import { sleeps } from './build/test/support/threadWatch.js';
       const worker = startThread(\`
         const ep = new epoll.Epoll();
         parentPort.postMessage(sys.gettid());
         ep.wait(new epoll.EpollEventBuffer(1));\`);
       const tid = await messageOf(worker);
       while (!sleeps(tid)) await new Promise(setImmediate);
       console.log(Date.now());
       process.exit(3);`,
    );
    took.push(Date.now() - Number(lines[0]));
    assert.equal(stderr, '');
    assert.equal(status, 3);
  }
  t.diagnostic(`process.exit() took ${took.join(', ')} ms; best ${Math.min(...took)} ms of 500`);
  assert.ok(Math.min(...took) < hangMs);
});
