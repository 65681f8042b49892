// Objects: making, closing, wrong arguments, and what becomes of registered numbers that are closed.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { ClosedError, Epoll, EventFd, Reactor, TimerFd } from 'epoll-ts';
import {
  AF_UNIX,
  close,
  dup3,
  EBADF,
  EINVAL,
  ENOENT,
  EPOLL_CTL_ADD,
  EPOLL_CTL_DEL,
  epoll_create1,
  epoll_ctl,
  EpollEventBuffer,
  EPOLL_CLOEXEC,
  EPOLLIN,
  EPOLLOUT,
  F_GETFD,
  fcntl,
  FD_CLOEXEC,
  pipe2,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  socketpair,
} from 'epoll-ts/sys';
import { openDescriptors } from '../../support/openDescriptors.ts';
import { opened, openedPair } from '../../support/opened.ts';
import { runScript } from '../../support/childScript.ts';

const closed = { name: 'ClosedError', code: 'ERR_EPOLL_CLOSED' };

// That nothing of the kind reaches C is shown in test/sys/argument.test.ts.
function refuses(call: () => unknown, error: RegExp): void {
  assert.throws(call, (thrown: Error) => error.test(thrown.name));
}

function pair(t: TestContext): readonly [number, number] {
  return openedPair(t, socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

function rawPair(): readonly [number, number] {
  const made = socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  assert.ok(typeof made !== 'number');
  return made;
}

test('c-create: Epoll has its number until it is closed, and is close-on-exec; the raw call takes flags', (t) => {
  const ep = new Epoll();
  assert.ok(ep.fd > 0);
  assert.equal(ep.closed, false);
  assert.equal(fcntl(ep.fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
  ep.close();
  assert.equal(ep.closed, true);
  assert.throws(() => ep.fd, closed);
  for (const flags of [EPOLL_CLOEXEC, 0]) {
    const fd = opened(t, epoll_create1(flags));
    assert.equal(fcntl(fd, F_GETFD), flags === 0 ? 0 : FD_CLOEXEC);
  }
});

test('c-badcreate: epoll_create1() refuses what is no number; there is no size to be wrong', () => {
  const create = epoll_create1 as (flags: unknown) => number;
  for (const flags of ['FOO', null, [], {}, undefined]) refuses(() => create(flags), /^TypeError$/);
  assert.equal(create(-2), -EINVAL);
  assert.equal(Epoll.length, 0);
});

test('c-ctx: a poller is closed at the end of its using block', () => {
  let kept: Epoll;
  {
    using ep = new Epoll();
    kept = ep;
  }
  assert.equal(kept.closed, true);
  assert.throws(() => kept.add(0, EPOLLIN), ClosedError);
});

test('c-add-types: add() refuses what has no descriptor, and the kernel a number that is not open', () => {
  using ep = new Epoll();
  const add = (target: unknown) => () => ep.add(target as number, EPOLLIN);
  refuses(add({}), /^TypeError$/);
  refuses(add(null), /^TypeError$/);
  assert.throws(
    add(-1),
    (error: { name: string; code?: string }) => error.name === 'RangeError' || error.code === 'EBADF',
  );
  assert.throws(add(1_000_000_000), { code: 'EBADF' });
});

test('c-errors: wrong flags and wrong descriptors are errors of their own', () => {
  assert.equal(epoll_create1(-2), -EINVAL);
  using ep = new Epoll();
  assert.throws(() => ep.add(-1, EPOLLIN), RangeError);
  assert.equal(epoll_ctl(ep.fd, EPOLL_CTL_ADD, -1, EPOLLIN), -EBADF);
});

test('c-sel-afterclose: a registration can be closed although its number was closed before', (t) => {
  const reactor = new Reactor();
  t.after(() => reactor.close());
  const made = rawPair();
  const registrations = made.map((fd) => reactor.register(fd, { readable: true }, () => {}));
  for (const fd of made) close(fd);
  for (const registration of registrations) registration.close();
  assert.deepEqual(reactor.snapshot().registrations, []);
});

test('c-sel-reuse: a registration can be closed although its number is that of another file by now', (t) => {
  const reactor = new Reactor();
  t.after(() => reactor.close());
  const made = rawPair();
  const registrations = made.map((fd) => reactor.register(fd, { readable: true }, () => {}));
  for (const fd of made) close(fd);
  const [other] = pair(t);
  for (const fd of made) if (fd !== other) opened(t, dup3(other, fd, 0));
  for (const registration of registrations) registration.close();
  assert.deepEqual(reactor.snapshot().registrations, []);
  for (const fd of made) assert.ok(fcntl(fd, F_GETFD) >= 0, 'the new owner keeps its file');
});

test('c-sel-modify: modify() changes mask and data, and refuses what is not registered', (t) => {
  const [a] = pair(t);
  using ep = new Epoll();
  ep.add(a, EPOLLIN, 1n);
  ep.modify(a, EPOLLOUT, 1n);
  const shown = (): unknown =>
    ep.entries().map(({ fd, events, data }) => ({ fd, write: (events & EPOLLOUT) !== 0, data }));
  assert.deepEqual(shown(), [{ fd: a, write: true, data: 1n }]);
  ep.modify(a, EPOLLOUT, 2n);
  assert.deepEqual(shown(), [{ fd: a, write: true, data: 2n }]);
  const [b] = pair(t);
  assert.throws(() => ep.modify(b, EPOLLIN), { code: 'ENOENT', errno: -ENOENT });
  assert.throws(() => ep.modify(1_000_000_000, EPOLLIN), { code: 'EBADF' });
});

// CPython drops its record; here the record stays as true as before, because the kernel's entry does.
test('c-sel-modfail: where the kernel refuses a change, the error is thrown and record and kernel still agree', (t) => {
  const [a] = pair(t);
  const reactor = new Reactor();
  t.after(() => reactor.close());
  const registration = reactor.register(a, { readable: true }, () => {});
  const before = registration.mask;
  assert.equal(epoll_ctl(reactor.fd, EPOLL_CTL_DEL, a), 0);
  assert.throws(() => registration.modify({ writable: true }), { code: 'ENOENT' });
  assert.equal(registration.mask, before);
  registration.close();
  assert.deepEqual(reactor.snapshot().registrations, []);
});

test('c-sel-close: a closed poller has no records to look up', (t) => {
  const [a, b] = pair(t);
  const ep = new Epoll();
  ep.add(a, EPOLLIN);
  ep.add(b, EPOLLOUT);
  ep.close();
  assert.throws(() => ep.entries(), closed);
  const reactor = new Reactor();
  reactor.register(a, { readable: true }, () => {});
  reactor.close();
  assert.throws(() => reactor.register(b, { readable: true }, () => {}), ClosedError);
});

test('c-sel-timeout: 0 does not wait, and a negative timeout is refused by objects', (t) => {
  const [a] = pair(t);
  using ep = new Epoll();
  const events = new EpollEventBuffer(4);
  ep.add(a, EPOLLOUT);
  assert.equal(ep.wait(events, { timeoutMs: 0 }), 1);
  assert.throws(() => ep.wait(events, { timeoutMs: -1 }), RangeError);
  ep.modify(a, EPOLLIN);
  assert.equal(ep.wait(events, { timeoutMs: 0 }), 0);
  assert.throws(() => ep.wait(events, { timeoutMs: -1 }), RangeError);
  const begin = performance.now();
  assert.equal(ep.wait(events, { timeoutMs: 300 }), 0);
  assert.ok(performance.now() - begin >= 300);
});

test('x-data-negative: data that is no unsigned 64-bit number is refused', (t) => {
  const [a] = pair(t);
  using ep = new Epoll();
  for (const data of [-1n, 2n ** 64n, 2 ** 53, 1.5, Number.NaN])
    refuses(() => ep.add(a, EPOLLIN, data), /^(RangeError|TypeError)$/);
  ep.add(a, EPOLLIN, 2n ** 64n - 1n);
  assert.equal(ep.entries()[0]?.data, 2n ** 64n - 1n);
});

test('x-efd-init-js: a start value that is no count is refused', () => {
  const make = (initial: unknown) => () => new EventFd({ initial: initial as bigint });
  for (const initial of [-1, 2 ** 53, Number.NaN, 1.5, 2n ** 64n]) refuses(make(initial), /^(RangeError|TypeError)$/);
  // An object takes what the counter can hold; only the C function's own parameter has 32 bits.
  using counter = new EventFd({ initial: 2n ** 40n });
  assert.equal(counter.read(), 2n ** 40n);
});

test(
  'x-tfd-js: a time that is no whole number of nanoseconds is refused, ' + 'and a large one survives to the nanosecond',
  () => {
    using timer = new TimerFd();
    const set = (afterNs: unknown) => () => timer.set({ afterNs: afterNs as bigint });
    for (const value of [Number.NaN, -1, -1n, 1.5, 2 ** 63, 2n ** 200n]) {
      assert.throws(set(value), (error: { name: string; code?: string }) => {
        return /^(RangeError|TypeError)$/.test(error.name) || error.code === 'EINVAL';
      });
      assert.equal(timer.remaining(), 0n, 'still disarmed');
    }
    const afterNs = 2n ** 53n * 1000n + 1n;
    const begin = process.hrtime.bigint();
    timer.set({ afterNs });
    const left = timer.remaining();
    const elapsed = process.hrtime.bigint() - begin;
    assert.ok(left <= afterNs && left >= afterNs - elapsed, `${left} of ${afterNs} after ${elapsed}`);
  },
);

test('x-result-alias: a wait changes nothing but its own buffer', (t) => {
  using ep = new Epoll();
  const counters = [1n, 2n].map((data) => {
    const counter = new EventFd();
    t.after(() => counter.close());
    ep.add(counter, EPOLLIN, data);
    return counter;
  });
  const [first, second] = [new EpollEventBuffer(4), new EpollEventBuffer(4)];
  counters[0]?.write();
  assert.equal(ep.wait(first, { timeoutMs: 0 }), 1);
  counters[1]?.write();
  assert.equal(ep.wait(second, { timeoutMs: 0 }), 2);
  assert.deepEqual([first.events(0), first.data(0)], [EPOLLIN, 1n]);
});

test('x-using: descriptors stay open and usable when the poller that watches them is disposed', (t) => {
  const made = pipe2(0);
  const [reader, writer] = openedPair(t, made);
  {
    using ep = new Epoll();
    ep.add(reader, EPOLLIN);
    ep.add(writer, EPOLLOUT);
  }
  using counter = new EventFd();
  {
    using reactor = new Reactor();
    reactor.register(counter, { readable: true }, () => {});
  }
  for (const fd of [reader, writer, counter.fd]) assert.ok(fcntl(fd, F_GETFD) >= 0);
  counter.write();
  assert.equal(counter.read(), 1n);
});

test('f-closed: a poller can be closed twice, and refuses all else then', () => {
  const ep = new Epoll();
  assert.equal(ep.closed, false);
  using counter = new EventFd();
  ep.add(counter, EPOLLIN);
  ep.delete(counter);
  ep.close();
  ep.close();
  assert.equal(ep.closed, true);
  for (const use of [() => ep.add(counter, EPOLLIN), () => ep.modify(counter, EPOLLIN), () => ep.delete(counter)]) {
    assert.throws(use, closed);
  }
});

test('f-nothing: pollers that nobody uses do not keep the process alive', () => {
  const { status, signal } = runScript(`
    import { Epoll, Reactor } from 'epoll-ts';
    globalThis.kept = [new Epoll(), new Epoll(), new Reactor(), new Reactor()];`);
  assert.deepEqual([status, signal], [0, null]);
});

test('x-leak-fd: 10,000 rounds of making, adding, waiting and closing leave no descriptor behind', () => {
  const events = new EpollEventBuffer(1);
  const round = (): void => {
    using ep = new Epoll();
    using counter = new EventFd({ initial: 1n });
    ep.add(counter, EPOLLIN);
    assert.equal(ep.wait(events, { timeoutMs: 0 }), 1);
  };
  round();
  const before = openDescriptors();
  for (let count = 0; count < 10_000; count++) round();
  assert.deepEqual(openDescriptors(), before);
});
