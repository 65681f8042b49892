// The Epoll object: its list and its waiting. Timing, signals and threads are in epollWait.test.ts.
import assert from 'node:assert/strict';
import { closeSync, openSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { test, type TestContext } from 'node:test';
import { ClosedError, Epoll, EventFd, Pipe, SystemError } from 'epoll-ts';
import {
  close,
  dup,
  EPOLLERR,
  EPOLLET,
  EpollEventBuffer,
  EPOLLHUP,
  EPOLLIN,
  EPOLLONESHOT,
  EPOLLOUT,
  F_GETFD,
  fcntl,
  FD_CLOEXEC,
  type SignalSet,
} from 'epoll-ts/sys';
import { runScript } from '../support/childScript.ts';
import { nothingLeftOpen, openDescriptors } from '../support/openDescriptors.ts';
import { withRoomBelow } from '../support/withRoomBelow.ts';

const events = new EpollEventBuffer(16);

function make(t: TestContext, initial = 0n): { ep: Epoll; counter: EventFd } {
  const ep = new Epoll();
  const counter = new EventFd({ initial });
  t.after(() => {
    counter.close();
    ep.close();
  });
  return { ep, counter };
}

/** The events that are there now: mask and data of each. */
function ready(ep: Epoll): [number, bigint][] {
  const count = ep.wait(events, { timeoutMs: 0 });
  return Array.from({ length: count }, (_, index) => [events.events(index), events.data(index)]);
}

test('Epoll owns a descriptor that is close-on-exec, and works with using', () => {
  const before = openDescriptors();
  {
    using ep = new Epoll();
    assert.equal(fcntl(ep.fd, F_GETFD), FD_CLOEXEC);
  }
  nothingLeftOpen(before);
});

test('Epoll takes no argument, which epoll_create(size) did', () => {
  assert.throws(() => Reflect.construct(Epoll, [64]), {
    name: 'TypeError',
    message: 'Cannot create an Epoll as it takes no argument: current value is 64',
  });
});

test('add() takes a number or an object with one, and the data is the number by default', async (t) => {
  const { ep, counter } = make(t, 1n);
  ep.add(counter, EPOLLIN);
  assert.deepEqual(ready(ep), [[EPOLLIN, BigInt(counter.fd)]]);
  ep.delete(counter.fd);
  ep.add(counter.fd, EPOLLIN);
  assert.deepEqual(ready(ep), [[EPOLLIN, BigInt(counter.fd)]]);
  ep.delete(counter);
  ep.add({ fd: counter.fd }, EPOLLIN);
  ep.delete({ fd: counter.fd });
  await using random = await open('/dev/random');
  ep.add(random, EPOLLIN, 5);
  assert.deepEqual(ready(ep), [[EPOLLIN, 5n]]);
});

test('all 64 bits of the data come back', (t) => {
  const { ep, counter } = make(t, 1n);
  for (const data of [0n, 1n, 2n ** 31n, 2n ** 32n, 2n ** 63n, 2n ** 64n - 1n, 0x0123_4567_89ab_cdefn]) {
    ep.add(counter, EPOLLIN, data);
    assert.deepEqual(ready(ep), [[EPOLLIN, data]]);
    ep.delete(counter);
  }
  ep.add(counter, EPOLLIN, Number.MAX_SAFE_INTEGER);
  assert.deepEqual(ready(ep), [[EPOLLIN, BigInt(Number.MAX_SAFE_INTEGER)]]);
});

test('data and masks that C could not hold are refused, and the list is as it was', (t) => {
  const { ep, counter } = make(t, 1n);
  for (const data of [-1n, 2n ** 64n, -1, 1.5, NaN]) assert.throws(() => ep.add(counter, EPOLLIN, data), RangeError);
  for (const data of ['1', null, {}])
    assert.throws(() => ep.add(counter, EPOLLIN, data as unknown as bigint), TypeError);
  for (const mask of [1.5, NaN, 2 ** 32, -(2 ** 31) - 1]) assert.throws(() => ep.add(counter, mask), RangeError);
  for (const mask of ['1', 1n, undefined, null]) {
    // An absent mask is not an empty one.
    assert.throws(() => ep.add(counter, mask as unknown as number), TypeError, String(mask));
    assert.throws(() => ep.modify(counter, mask as unknown as number), TypeError, String(mask));
  }
  for (const target of [-1, 2 ** 31, 1.5]) assert.throws(() => ep.add(target, EPOLLIN), RangeError);
  for (const target of ['1', null, {}, { fd: '1' }, undefined]) {
    assert.throws(() => ep.add(target as unknown as number, EPOLLIN), TypeError);
  }
  assert.deepEqual(ep.entries(), []);
});

test('a mask that JavaScript made negative is the mask that was meant', (t) => {
  const { ep, counter } = make(t);
  assert.ok((EPOLLIN | EPOLLET) < 0);
  ep.add(counter, EPOLLIN | EPOLLET);
  assert.equal(ep.entries()[0]?.events, (EPOLLIN | EPOLLET | EPOLLERR | EPOLLHUP) >>> 0);
});

test('modify() replaces mask and data, and data is the number again unless it is given', (t) => {
  const { ep, counter } = make(t, 1n);
  ep.add(counter, EPOLLIN, 7n);
  ep.modify(counter, EPOLLOUT, 8n);
  assert.deepEqual(ready(ep), [[EPOLLOUT, 8n]]);
  ep.modify(counter.fd, EPOLLIN | EPOLLOUT);
  assert.deepEqual(ready(ep), [[EPOLLIN | EPOLLOUT, BigInt(counter.fd)]]);
});

test('modify() arms a fired one-shot, and reports present readiness once more in edge-triggered mode', (t) => {
  const { ep, counter } = make(t, 1n);
  ep.add(counter, EPOLLIN | EPOLLONESHOT, 7n);
  assert.equal(ready(ep).length, 1);
  counter.write();
  assert.deepEqual(ready(ep), []);
  ep.modify(counter, EPOLLIN | EPOLLONESHOT, 7n);
  assert.deepEqual(ready(ep), [[EPOLLIN, 7n]]);
  ep.modify(counter, EPOLLIN | EPOLLET);
  assert.equal(ready(ep).length, 1);
  assert.deepEqual(ready(ep), []);
  ep.modify(counter, EPOLLIN | EPOLLET);
  assert.equal(ready(ep).length, 1);
});

test('delete() takes an entry out, and it can be added again', (t) => {
  const { ep, counter } = make(t, 1n);
  ep.add(counter, EPOLLIN);
  ep.delete(counter);
  assert.deepEqual(ready(ep), []);
  ep.add(counter, EPOLLIN);
  assert.equal(ready(ep).length, 1);
});

test('close() of an object takes it out of every Epoll first, so that no ghost stays while a duplicate is open', (t) => {
  const { ep, counter } = make(t, 1n);
  using other = new Epoll();
  const copy = dup(counter.fd);
  t.after(() => void close(copy));
  ep.add(counter, EPOLLIN);
  other.add(counter, EPOLLIN);
  counter.close();
  assert.deepEqual([ep.entries(), other.entries()], [[], []]);
  assert.deepEqual(ready(ep), []);
});

test('an object that was deleted or added by its number can be closed all the same', (t) => {
  const { ep } = make(t);
  const counter = new EventFd();
  ep.add(counter, EPOLLIN);
  ep.delete(counter.fd);
  counter.close();
  const second = new EventFd();
  ep.add(second.fd, EPOLLIN);
  second.close();
  assert.deepEqual(ep.entries(), []);
});

test('closing the Epoll or the object first makes no difference', () => {
  const before = openDescriptors();
  for (const epollFirst of [true, false]) {
    const ep = new Epoll();
    const counter = new EventFd();
    ep.add(counter, EPOLLIN);
    for (const object of epollFirst ? [ep, counter] : [counter, ep]) object.close();
    for (const object of [ep, counter]) object.close();
  }
  nothingLeftOpen(before);
});

test('an Epoll in another Epoll reports that it has events, and leaves it when it is closed', (t) => {
  const { ep, counter } = make(t, 1n);
  using outer = new Epoll();
  ep.add(counter, EPOLLIN);
  outer.add(ep, EPOLLIN, 1n);
  assert.deepEqual(ready(outer), [[EPOLLIN, 1n]]);
  ep.close();
  assert.deepEqual(outer.entries(), []);
});

test('a pipe reports hangup and error, for which nobody asked', () => {
  using ep = new Epoll();
  using pipe = new Pipe();
  ep.add(pipe.reader, 0, 1n);
  ep.add(pipe.writer, 0, 2n);
  assert.deepEqual(ready(ep), []);
  pipe.writer.close();
  assert.deepEqual(ready(ep), [[EPOLLHUP, 1n]]);
  using second = new Pipe();
  ep.add(second.writer, 0, 3n);
  second.reader.close();
  assert.deepEqual(
    ready(ep).filter(([, data]) => data === 3n),
    [[EPOLLERR, 3n]],
  );
});

test('wait() takes no more events than `maxevents`, or than the buffer holds', () => {
  using ep = new Epoll();
  const counters = Array.from({ length: 5 }, () => new EventFd({ initial: 1n }));
  for (const counter of counters) ep.add(counter, EPOLLIN);
  assert.equal(ep.wait(events, { timeoutMs: 0 }), 5);
  assert.equal(ep.wait(events, { timeoutMs: 0, maxevents: 2 }), 2);
  assert.equal(ep.wait(new EpollEventBuffer(3), { timeoutMs: 0 }), 3);
  for (const maxevents of [0, 17, -1, 1.5, NaN]) {
    assert.throws(() => ep.wait(events, { timeoutMs: 0, maxevents }), RangeError, String(maxevents));
  }
  assert.throws(() => ep.wait(events, { maxevents: '1' as unknown as number }), TypeError);
  for (const counter of counters) counter.close();
});

test('wait() refuses wrong arguments before it waits', () => {
  using ep = new Epoll();
  assert.throws(() => ep.wait(events, { timeoutMs: 1, timeoutNs: 1n }), {
    name: 'TypeError',
    message: "Cannot wait as only one of 'timeoutMs' and 'timeoutNs' may be given",
  });
  for (const timeoutMs of [-1, NaN, -Infinity, -0.001]) assert.throws(() => ep.wait(events, { timeoutMs }), RangeError);
  assert.throws(() => ep.wait(events, { timeoutNs: -1n }), RangeError);
  for (const wrong of ['1', null, 1n]) {
    assert.throws(() => ep.wait(events, { timeoutMs: wrong as unknown as number }), TypeError);
  }
  assert.throws(() => ep.wait(events, { timeoutNs: 1 as unknown as bigint }), TypeError);
  for (const wrong of [undefined, null, 16, new Uint8Array(192), { capacity: 4 }]) {
    assert.throws(() => ep.wait(wrong as unknown as EpollEventBuffer, { timeoutMs: 0 }), TypeError);
  }
  for (const sigmask of ['SIGHUP', [1], {}]) {
    assert.throws(() => ep.wait(events, { timeoutMs: 1_000_000, sigmask: sigmask as unknown as SignalSet }), {
      name: 'TypeError',
      message: /'sigmask' must be a SignalSet/,
    });
  }
});

test('every use after close() throws ClosedError, of the Epoll and of what is added', (t) => {
  const { ep, counter } = make(t);
  counter.close();
  for (const call of [() => ep.add(counter, EPOLLIN), () => ep.modify(counter, EPOLLIN), () => ep.delete(counter)]) {
    assert.throws(call, (error) => error instanceof ClosedError && /this EventFd as it is closed/.test(error.message));
  }
  ep.close();
  ep.close();
  assert.equal(ep.closed, true);
  const uses = [
    () => ep.add(0, EPOLLIN),
    () => ep.modify(0, EPOLLIN),
    () => ep.delete(0),
    () => ep.wait(events),
    () => ep.wait(events, { timeoutMs: 0 }),
    () => ep.entries(),
    () => ep.fd,
  ];
  for (const use of uses) {
    assert.throws(
      use,
      (error) => error instanceof ClosedError && error.message === 'Cannot use this Epoll as it is closed',
    );
  }
});

test('wait(), entries() and close() say so when someone else closed the descriptor', () => {
  const ep = withRoomBelow(() => new Epoll());
  const { fd } = ep;
  close(fd);
  assert.throws(() => ep.wait(events), { name: 'SystemError', code: 'EBADF', syscall: 'epoll_wait', fd });
  assert.throws(() => ep.wait(events, { timeoutNs: 1n }), { code: 'EBADF' });
  assert.throws(
    () => ep.close(),
    (error) => error instanceof SystemError && error.code === 'EBADF' && error.fd === fd,
  );
  ep.close();
});

test('an Epoll that is collected unclosed is closed, with a warning that names where it was made', () => {
  const { stderr, status } = runScript(
    `import { Epoll } from 'epoll-ts';
     import { F_GETFD, fcntl } from 'epoll-ts/sys';
     function makeOneAndForgetIt() { return new Epoll().fd; }
     const fd = makeOneAndForgetIt();
     const [warning] = await Promise.race([
       new Promise((resolve) => process.once('warning', (...args) => resolve(args))),
       (async () => { for (;;) { gc(); await new Promise(setImmediate); } })(),
     ]);
     if (warning.code !== 'EPOLL_TS_UNCLOSED' || !warning.message.includes('Epoll with fd ' + fd)) throw warning;
     if (!warning.message.includes('makeOneAndForgetIt')) throw warning;
     if (fcntl(fd, F_GETFD) >= 0) throw new Error('still open');
     process.exit();`,
    { flags: ['--expose-gc', '--no-warnings'] },
  );
  assert.equal(stderr, '');
  assert.equal(status, 0);
});

test('what is in the list is not collected, and stays open', () => {
  const { stderr, lines } = runScript(
    `import { Epoll, EventFd } from 'epoll-ts';
     import { EPOLLIN, EpollEventBuffer } from 'epoll-ts/sys';
     const ep = new Epoll();
     (() => ep.add(new EventFd({ initial: 1n }), EPOLLIN))();
     for (let round = 0; round < 20; round++) { gc(); await new Promise(setImmediate); }
     console.log(ep.wait(new EpollEventBuffer(1), { timeoutMs: 0 }));
     ep.close();`,
    { flags: ['--expose-gc'] },
  );
  assert.equal(stderr, '');
  assert.deepEqual(lines, ['1']);
});

test('a regular file opened by Node can be named by its number in the error', (t) => {
  const fd = openSync('/etc/passwd', 'r');
  t.after(() => closeSync(fd));
  using ep = new Epoll();
  assert.throws(() => ep.add(fd, EPOLLIN), { code: 'EPERM', fd });
});
