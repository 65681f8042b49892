// Signals to one thread and to the process, while threads wait.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startThread, messageOf } from '../../support/threadScript.ts';
import { runScript } from '../../support/childScript.ts';
import { EFD_CLOEXEC, EINTR, eventfd, eventfd_write, O_CLOEXEC, pipe2, tgkill, write } from 'epoll-ts/sys';
import { opened, openedPair } from '../../support/opened.ts';
import { printed } from './scriptProcess.ts';

// SIGWINCH. Not SIGUSR2: under the test runner of Node 24 and 26 it writes a report, which waits for every worker.
const winch = 28;
const restsMs = 20;
const sliceMs = 100;

async function rest(): Promise<void> {
  await new Promise((resolve) => {
    setTimeout(resolve, restsMs);
  });
}

function onWinch(t: { after(end: () => void): void }): { readonly count: number } {
  const seen = { count: 0 };
  const handler = (): void => void seen.count++;
  process.on('SIGWINCH', handler);
  t.after(() => process.off('SIGWINCH', handler));
  return seen;
}

test('g-ep-sigfdloop: 25,000 signals that arrive while a signalfd is waited for and read lead to no deadlock', () => {
  const lines = printed(`
    const winch = new sys.SignalSet([${winch}]);
    sys.pthread_sigmask(sys.SIG_BLOCK, winch);
    const fd = sys.signalfd(-1, winch, sys.SFD_NONBLOCK | sys.SFD_CLOEXEC);
    const ep = sys.epoll_create1(sys.EPOLL_CLOEXEC);
    sys.epoll_ctl(ep, sys.EPOLL_CTL_ADD, fd, sys.EPOLLIN, 0);
    const done = new Int32Array(new SharedArrayBuffer(4));
    const worker = startThread(\`
      for (let round = 0; round < 25_000; round++) sys.tgkill(process.pid, workerData.tid, ${winch});
      Atomics.store(workerData.done, 0, 1);\`, { tid: sys.gettid(), done });
    const end = endOf(worker);
    await new Promise((resolve) => worker.once('online', resolve));
    const events = new sys.EpollEventBuffer(1);
    const info = new Uint8Array(sys.signalfdSiginfoSize);
    let seen = 0;
    // Waits in slices: the last of the signals may have been read before the end was said.
    for (let last = false; !last;) {
      last = Atomics.load(done, 0) === 1;
      while (sys.epoll_wait(ep, events, 1, last ? 0 : 50) === 1) if (sys.read(fd, info) === info.length) seen++;
    }
    say(seen > 0);
    say(await end);`);
  assert.deepEqual(lines, ['true', '0']);
});

test('g-sfd-kill: a signalfd for SIGKILL can be made, and SIGKILL still kills', () => {
  const { signal, lines } = runScript(`
    import * as sys from 'epoll-ts/sys';
    const kill = new sys.SignalSet([9]);
    console.log(sys.signalfd(-1, kill, 0) >= 0, sys.pthread_sigmask(sys.SIG_BLOCK, kill));
    sys.tgkill(process.pid, sys.gettid(), 9);
    console.log('alive');`);
  assert.deepEqual(lines, ['true 0']);
  assert.equal(signal, 'SIGKILL');
});

test('x-sig-thread: a signal to the process does not interrupt a worker that waits with it blocked', async (t) => {
  const seen = onWinch(t);
  const counters = [0, 1].map(() => opened(t, eventfd(0, EFD_CLOEXEC)));
  const workers = counters.map((counter, index) =>
    startThread(
      `const ep = sys.epoll_create1(sys.EPOLL_CLOEXEC);
       sys.epoll_ctl(ep, sys.EPOLL_CTL_ADD, workerData.counter, sys.EPOLLIN);
       const events = new sys.EpollEventBuffer(1);
       const mask = new sys.SignalSet(workerData.blocked);
       parentPort.postMessage(sys.gettid());
       const answers = [];
       // In slices, so that a failed test can end the thread.
       let answer = 0;
       while (answer <= 0) if ((answer = sys.epoll_pwait(ep, events, 1, ${sliceMs}, mask)) !== 0) answers.push(answer);
       parentPort.postMessage(answers);`,
      { counter, blocked: index === 0 ? [winch] : [] },
    ),
  );
  await Promise.all(workers.map((worker) => messageOf(worker)));
  const answers = Promise.all(workers.map((worker) => messageOf(worker)));
  for (let round = 1; round <= 20; round++) {
    process.kill(process.pid, 'SIGWINCH');
    await rest();
  }
  assert.ok(seen.count > 0);
  for (const counter of counters) eventfd_write(counter, 1n);
  const [first] = (await answers) as number[][];
  assert.deepEqual(first, [1]);
});

test('x-sig-worker-eintr: a signal to a worker interrupts its raw wait at once, and not that of Epoll', async (t) => {
  onWinch(t);
  const counter = opened(t, eventfd(0, EFD_CLOEXEC));
  const worker = startThread(
    `const events = new sys.EpollEventBuffer(1);
     const ep = new epoll.Epoll();
     parentPort.postMessage(sys.gettid());
     parentPort.postMessage(sys.epoll_wait(ep.fd, events, 1, 30_000));
     ep.add(workerData, sys.EPOLLIN);
     parentPort.postMessage(ep.wait(events, { timeoutMs: 30_000 }));`,
    counter,
  );
  const tid = Number(await messageOf(worker));
  const raw = messageOf(worker);
  const signals = setInterval(() => tgkill(process.pid, tid, winch), restsMs);
  t.after(() => clearInterval(signals));
  assert.equal(await raw, -EINTR);
  const high = messageOf(worker);
  for (let round = 0; round < 10; round++) await rest();
  clearInterval(signals);
  eventfd_write(counter, 1n);
  assert.equal(await high, 1);
});

test('u-eintr: a blocked read goes on after a signal that Node handles', async (t) => {
  const seen = onWinch(t);
  const [reader, writer] = openedPair(t, pipe2(O_CLOEXEC));
  const worker = startThread(
    `parentPort.postMessage(sys.gettid());
     parentPort.postMessage(sys.read(workerData, new Uint8Array(64)));`,
    reader,
  );
  const tid = Number(await messageOf(worker));
  const answer = messageOf(worker);
  for (let round = 0; round < 10; round++) {
    await rest();
    process.kill(process.pid, winch);
    tgkill(process.pid, tid, winch);
  }
  await rest();
  assert.ok(seen.count > 0);
  assert.equal(write(writer, Buffer.from('hello world\n')), 12);
  assert.equal(await answer, 12);
});

test('c-sel-intr-exc: an error in a signal handler reaches whoever waits, over the AbortSignal of the wait', async (t) => {
  const abort = new AbortController();
  const handler = (): void => abort.abort(new RangeError('from the handler'));
  process.on('SIGWINCH', handler);
  t.after(() => process.off('SIGWINCH', handler));
  const { EventFd, Reactor } = await import('epoll-ts');
  using counter = new EventFd();
  using reactor = new Reactor();
  const registration = reactor.register(counter, { readable: true });
  setTimeout(() => process.kill(process.pid, winch), restsMs);
  await assert.rejects(registration.readable({ signal: abort.signal }), {
    name: 'RangeError',
    message: 'from the handler',
  });
});
