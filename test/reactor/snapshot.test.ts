// A reactor as plain data, beside what the kernel has.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Epoll } from 'epoll-ts';
import {
  close,
  dup,
  EFD_CLOEXEC,
  EPOLL_CTL_ADD,
  EPOLL_CTL_DEL,
  epoll_ctl,
  EPOLLERR,
  EPOLLHUP,
  EPOLLIN,
  EPOLLONESHOT,
  EPOLLOUT,
  eventfd,
} from 'epoll-ts/sys';
import { interestList } from '../support/interestList.ts';
import { loopTurns } from '../support/loopTurns.ts';
import { opened } from '../support/opened.ts';
import { reactorRig } from '../support/reactorRig.ts';

const always = EPOLLERR | EPOLLHUP;

test("every registration is shown with the mask that was asked for, the kernel's, and its counters", async (t) => {
  const { reactor, counter } = reactorRig(t);
  const [fired, silent, awaited] = [counter(1n), counter(), counter()];
  const firing = reactor.register(fired, { readable: true, trigger: 'oneshot' }, () => {});
  reactor.register(silent, { readable: true, trigger: 'edge' }, () => {});
  reactor.register(awaited, { readable: true });
  await loopTurns();
  const { fd, attached, turns, stale, registrations, ghosts } = reactor.snapshot();
  assert.deepEqual(
    { fd, attached, turns, stale, ghosts },
    { fd: reactor.fd, attached: true, turns: 1, stale: 0, ghosts: [] },
  );
  const byFd = new Map(registrations.map((registration) => [registration.fd, registration]));
  const { disarmedForMs, ...first } = byFd.get(fired.fd) ?? assert.fail();
  assert.ok(disarmedForMs !== null && disarmedForMs >= 0 && disarmedForMs < 60_000);
  assert.deepEqual(first, {
    fd: fired.fd,
    events: EPOLLIN | EPOLLONESHOT,
    kernelEvents: EPOLLONESHOT,
    armed: false,
    keepsAlive: true,
    delivered: 1,
    lastReadiness: EPOLLIN,
  });
  const second = byFd.get(silent.fd) ?? assert.fail();
  assert.deepEqual([second.armed, second.disarmedForMs, second.delivered, second.lastReadiness], [true, null, 0, 0]);
  const third = byFd.get(awaited.fd) ?? assert.fail();
  assert.deepEqual([third.armed, third.keepsAlive, third.events], [false, false, EPOLLIN]);
  firing.rearm();
  assert.equal(
    reactor.snapshot().registrations.find((row) => row.fd === fired.fd)?.kernelEvents,
    EPOLLIN | EPOLLONESHOT | always,
  );
});

test('the snapshot is what the kernel holds, whatever was done before', (t) => {
  const { reactor, counter } = reactorRig(t);
  const compare = (): void => {
    const shown = reactor.snapshot().registrations.map(({ fd, kernelEvents }) => ({ fd, kernelEvents }));
    const held = interestList(reactor.fd).map(({ tfd, events }) => ({ fd: tfd, kernelEvents: events }));
    assert.deepEqual(
      shown.toSorted((a, b) => a.fd - b.fd),
      held.toSorted((a, b) => a.fd - b.fd),
    );
  };
  const counters = Array.from({ length: 8 }, () => counter(1n));
  const triggers = ['level', 'edge', 'oneshot', 'edge-oneshot'] as const;
  const all = counters.map((efd, index) =>
    reactor.register(
      efd,
      { readable: true, trigger: triggers[index % 4] ?? 'level' },
      index < 4 ? () => {} : undefined,
    ),
  );
  compare();
  reactor.turn(0);
  compare();
  for (const registration of all) registration.modify({ writable: true, trigger: 'oneshot' });
  compare();
  reactor.turn(0);
  for (const registration of all.slice(0, 4)) registration.rearm();
  compare();
  for (const registration of all.slice(2, 6)) registration.close();
  compare();
  for (const efd of counters.slice(0, 2)) efd.close();
  compare();
  assert.equal(reactor.snapshot().registrations.length, 2);
});

test('a snapshot is a copy: what comes later does not change it, and it can be sent as it is', async (t) => {
  const { reactor, counter } = reactorRig(t);
  reactor.register(counter(1n), { readable: true, trigger: 'edge' }, () => {});
  const before = reactor.snapshot();
  const kept = structuredClone(before);
  await loopTurns();
  assert.deepEqual(before, kept);
  assert.equal(reactor.snapshot().turns, 1);
});

test('entries that the kernel has besides are shown as ghosts, whoever made them', async (t) => {
  const { reactor, counter } = reactorRig(t);
  const fd = eventfd(0, EFD_CLOEXEC);
  opened(t, dup(fd));
  const registration = reactor.register(fd, { readable: true }, () => {});
  close(fd);
  registration.close();
  const foreign = counter();
  assert.equal(epoll_ctl(reactor.fd, EPOLL_CTL_ADD, foreign.fd, EPOLLOUT, 99n), 0);
  const { ghosts, registrations } = reactor.snapshot();
  assert.deepEqual(registrations, []);
  assert.deepEqual(new Set(ghosts.map((ghost) => ghost.fd)), new Set([fd, foreign.fd]));
  await loopTurns();
  assert.equal(epoll_ctl(reactor.fd, EPOLL_CTL_DEL, foreign.fd), 0);
});

test('a registration whose entry was deleted behind its back has no kernel mask', (t) => {
  const { reactor, counter } = reactorRig(t);
  const efd = counter();
  const registration = reactor.register(efd, { readable: true }, () => {});
  epoll_ctl(reactor.fd, EPOLL_CTL_DEL, efd.fd);
  assert.equal(reactor.snapshot().registrations[0]?.kernelEvents, null);
  assert.throws(() => registration.rearm(), { code: 'ENOENT' });
  registration.close();
});

test('a reactor can be watched by an Epoll, which sees that it has events', (t) => {
  const { reactor, counter } = reactorRig(t);
  using ep = new Epoll();
  ep.add(reactor, EPOLLIN);
  reactor.register(counter(1n), { readable: true, trigger: 'oneshot' }, () => {});
  assert.equal(ep.entries()[0]?.fd, reactor.fd);
  reactor.close();
  assert.deepEqual(ep.entries(), []);
});
