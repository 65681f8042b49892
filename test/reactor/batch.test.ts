// What handlers do to each other within one batch of events, and numbers that are used again.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClosedError, EventFd, type Registration } from 'epoll-ts';
import { close, dup, dup3, EFD_CLOEXEC, EFD_NONBLOCK, EPOLLIN, eventfd, O_CLOEXEC } from 'epoll-ts/sys';
import { eventfdAt } from '../support/eventfdAt.ts';
import { loopTurns } from '../support/loopTurns.ts';
import { opened } from '../support/opened.ts';
import { nothingLeftOpen, openDescriptors } from '../support/openDescriptors.ts';
import { reactorRig } from '../support/reactorRig.ts';
import { withRoomBelow } from '../support/withRoomBelow.ts';

const flags = EFD_CLOEXEC | EFD_NONBLOCK;

/** Every test below is run on both ways to turn: in the host's loop, and blocking. */
const drivers = {
  attached: async (): Promise<void> => loopTurns(6),
  blocking: async (reactor: { readonly closed: boolean; turn(timeoutMs: number): number }): Promise<void> => {
    for (let turn = 0; turn < 6 && !reactor.closed; turn++) reactor.turn(0);
  },
};

for (const [name, drive] of Object.entries(drivers)) {
  test(`${name}: closing every registration in the first handler of a batch calls no other`, async (t) => {
    const { reactor, counter } = reactorRig(t);
    const called: number[] = [];
    const all: Registration[] = Array.from({ length: 5 }, (_, index) =>
      reactor.register(counter(1n), { readable: true }, () => {
        called.push(index);
        for (const registration of all) registration.close();
      }),
    );
    await drive(reactor);
    assert.equal(called.length, 1);
    assert.ok(all.every(({ closed, armed }) => closed && !armed));
    assert.equal(reactor.snapshot().stale, 4);
  });

  test(`${name}: closing the object of another registration in the batch has its handler never called again`, async (t) => {
    const { reactor, counter } = reactorRig(t);
    const [first, second] = [counter(1n), counter(1n)];
    const called: string[] = [];
    reactor.register(first, { readable: true }, () => {
      called.push('first');
      second.close();
    });
    reactor.register(second, { readable: true }, () => {
      called.push('second');
      first.close();
    });
    await drive(reactor);
    assert.deepEqual(new Set(called).size, 1, 'whoever comes first closes the other');
    assert.equal(reactor.snapshot().registrations.length, 1);
  });

  test(`${name}: a stale event does not reach the new file under its number`, async (t) => {
    const { reactor } = reactorRig(t);
    const fds = [eventfd(1, flags), eventfd(1, flags)];
    const called: string[] = [];
    const taken = new Set<number>();
    for (const [index, fd] of fds.entries()) {
      const other = fds[1 - index] as number;
      const registration = reactor.register(fd, { readable: true, trigger: 'edge' }, () => {
        called.push(`old ${index}`);
        registration.close();
        // The number of the other, whose event is in this batch too, becomes a new file that is not readable.
        for (const number of [fd, other]) taken.add(opened(t, eventfdAt(number)));
        reactor.register(other, { readable: true, trigger: 'edge' }, () => void called.push('new'));
      });
    }
    await drive(reactor);
    assert.equal(taken.size, 2, 'both numbers are in use again');
    assert.equal(called.length, 1, called.join());
    assert.equal(reactor.snapshot().registrations.length, 1);
    assert.equal(reactor.snapshot().stale, 1);
  });

  test(`${name}: a one-shot that is armed again within its batch fires once for it`, async (t) => {
    const { reactor, counter } = reactorRig(t);
    const counts = [0, 0];
    const all: Registration[] = counts.map((_, index) =>
      reactor.register(counter(1n), { readable: true, trigger: 'oneshot' }, () => {
        counts[index] = (counts[index] ?? 0) + 1;
        // Arms the other one; if its event is in this batch that event is void, and comes again.
        if (counts[0] === 1 && counts[1] === 0) all[1]?.rearm();
        if (counts[1] === 1 && counts[0] === 0) all[0]?.rearm();
      }),
    );
    await drive(reactor);
    assert.deepEqual(counts, [1, 1]);
    assert.deepEqual(
      all.map(({ armed }) => armed),
      [false, false],
    );
  });

  test(`${name}: modify() of another within the batch voids its old event, and the new interest counts`, async (t) => {
    const { reactor, counter } = reactorRig(t);
    const masks: number[] = [];
    const all: Registration[] = Array.from({ length: 2 }, (_, index) =>
      reactor.register(counter(1n), { readable: true, trigger: 'edge' }, (mask) => {
        masks.push(mask);
        if (masks.length === 1) all[1 - index]?.modify({ priority: true, trigger: 'edge' });
      }),
    );
    await drive(reactor);
    assert.deepEqual(masks, [EPOLLIN], 'an eventfd has no priority event');
  });

  test(`${name}: what is registered in a handler is served on the next turn, not in this batch`, async (t) => {
    const { reactor, counter } = reactorRig(t);
    const turns: number[] = [];
    reactor.register(counter(1n), { readable: true, trigger: 'oneshot' }, () => {
      turns.push(reactor.snapshot().turns);
      reactor.register(
        counter(1n),
        { readable: true, trigger: 'oneshot' },
        () => void turns.push(reactor.snapshot().turns),
      );
    });
    await drive(reactor);
    assert.deepEqual(turns, [1, 2]);
  });

  test(`${name}: reactor.close() in a handler ends the batch and everything else`, async (t) => {
    const { reactor, counter } = reactorRig(t);
    let called = 0;
    const all = Array.from({ length: 4 }, () =>
      reactor.register(counter(1n), { readable: true }, () => {
        called++;
        reactor.close();
      }),
    );
    await drive(reactor);
    await loopTurns();
    assert.equal(called, 1);
    assert.ok(all.every(({ closed }) => closed));
    for (const use of [
      () => reactor.fd,
      () => reactor.turn(0),
      () => reactor.run(),
      () => reactor.snapshot(),
      () => reactor.waker(),
    ]) {
      assert.throws(use, ClosedError);
    }
    assert.throws(() => reactor.register(counter(), { readable: true }), ClosedError);
    for (const registration of all) {
      assert.throws(() => registration.rearm(), ClosedError);
      assert.throws(() => registration.modify({}), ClosedError);
      await assert.rejects(registration.readable(), ClosedError);
      registration.close();
      registration.ref().unref();
    }
  });

  test(`${name}: a registration whose number was closed and used again is displaced by the new one`, async (t) => {
    const { reactor } = reactorRig(t);
    const fd = eventfd(0, flags);
    const called: string[] = [];
    const old = reactor.register(fd, { readable: true, trigger: 'edge' }, () => void called.push('old'));
    const waiting = assert.rejects(old.readable(), ClosedError);
    opened(t, eventfdAt(fd, 1));
    const fresh = reactor.register(fd, { readable: true, trigger: 'edge' }, () => void called.push('new'));
    await waiting;
    assert.deepEqual([old.closed, fresh.closed], [true, false]);
    old.close();
    await drive(reactor);
    assert.deepEqual(called, ['new']);
    assert.deepEqual(
      reactor.snapshot().registrations.map(({ events }) => events),
      [fresh.mask],
    );
  });

  test(`${name}: a displaced registration whose file lives on in a duplicate stays silent`, async (t) => {
    const { reactor } = reactorRig(t);
    const fd = eventfd(0, flags);
    const copy = opened(t, dup(fd));
    const called: string[] = [];
    reactor.register(fd, { readable: true, trigger: 'edge' }, () => void called.push('old'));
    opened(t, eventfdAt(fd, 1));
    reactor.register(fd, { readable: true, trigger: 'edge' }, () => void called.push('new'));
    const stale = new EventFd({ initial: 5n });
    t.after(() => stale.close());
    EventFd.from(copy).write(5n);
    await drive(reactor);
    assert.deepEqual(called, ['new']);
    const { ghosts, registrations, stale: dropped } = reactor.snapshot();
    assert.deepEqual([ghosts.length, registrations.length], [1, 1]);
    assert.ok(dropped >= 1);
  });

  test(`${name}: fewer events a turn than are ready are served in turn, so that nobody starves`, async (t) => {
    const { reactor, counter } = reactorRig(t, { maxevents: 2 });
    const counts = [0, 0, 0, 0, 0];
    for (const index of counts.keys()) {
      reactor.register(counter(1n), { readable: true }, () => void (counts[index] = (counts[index] ?? 0) + 1));
    }
    for (let turn = 0; turn < 10; turn++) reactor.turn(0);
    assert.deepEqual(counts, [4, 4, 4, 4, 4]);
    await drive(reactor);
    assert.ok(Math.max(...counts) - Math.min(...counts) <= 1, counts.join());
    assert.ok((counts[0] ?? 0) > 4);
  });
}

test('a registration of a plain number is closed before the number, and the number may be used by anyone again', async (t) => {
  const { reactor } = reactorRig(t);
  for (let round = 0; round < 50; round++) {
    const fd = eventfd(1, flags);
    let called = 0;
    const registration = reactor.register(fd, { readable: true }, () => {
      called++;
      registration.close();
      close(fd);
    });
    await loopTurns(1);
    await loopTurns(1);
    assert.equal(called, 1);
  }
  assert.deepEqual(reactor.snapshot().registrations, []);
});

test(
  'a registered descriptor that was closed by its number falls silent, ' +
    'and close() of its registration is harmless',
  async (t) => {
    const { reactor } = reactorRig(t);
    const fd = withRoomBelow(() => eventfd(1, flags));
    let called = 0;
    const registration = reactor.register(fd, { readable: true, trigger: 'oneshot' }, () => void called++);
    close(fd);
    await loopTurns();
    assert.equal(called, 0);
    assert.equal(reactor.snapshot().registrations[0]?.kernelEvents, null);
    assert.throws(() => registration.rearm(), { name: 'SystemError', code: 'EBADF', fd });
    assert.throws(() => registration.modify({ readable: true }), { code: 'EBADF' });
    const other = opened(t, eventfdAt(fd, 1));
    assert.throws(() => registration.rearm(), { code: 'ENOENT' });
    registration.close();
    assert.equal(EventFd.from(other).read(), 1n, "the new file is nobody's business");
  },
);

test('an object that is closed leaves every reactor and Epoll that watches it', async (t) => {
  const { reactor, counter } = reactorRig(t);
  const second = reactorRig(t).reactor;
  const efd = counter(1n);
  const copy = opened(t, dup(efd.fd));
  const called: string[] = [];
  reactor.register(efd, { readable: true }, () => void called.push('one'));
  second.register(efd, { readable: true }, () => void called.push('two'));
  efd.close();
  await loopTurns();
  assert.deepEqual(called, []);
  for (const { registrations, ghosts } of [reactor.snapshot(), second.snapshot()]) {
    assert.deepEqual([registrations, ghosts], [[], []], `although ${copy} keeps its file open`);
  }
});

test('EEXIST of a second registration changes nothing of the first', async (t) => {
  const { reactor, counter } = reactorRig(t);
  const efd = counter(1n);
  let called = 0;
  const first = reactor.register(efd, { readable: true, trigger: 'oneshot' }, () => void called++);
  assert.throws(() => reactor.register(efd, { writable: true }, () => {}), { code: 'EEXIST', fd: efd.fd });
  await loopTurns();
  assert.deepEqual([called, first.closed], [1, false]);
  efd.close();
  assert.deepEqual([first.closed, reactor.snapshot().registrations], [true, []]);
});

test('two numbers of one file are two registrations', async (t) => {
  const { reactor, counter } = reactorRig(t);
  const efd = counter(1n);
  const copy = opened(t, dup3(efd.fd, 900, O_CLOEXEC));
  const called: string[] = [];
  reactor.register(efd, { readable: true, trigger: 'oneshot' }, () => void called.push('original'));
  reactor.register(copy, { readable: true, trigger: 'oneshot' }, () => void called.push('copy'));
  await loopTurns();
  assert.deepEqual(called.sort(), ['copy', 'original']);
});

test('a reactor leaves no descriptor behind', async () => {
  const before = openDescriptors();
  {
    using efd = new EventFd({ initial: 1n });
    const { Reactor } = await import('epoll-ts');
    using reactor = new Reactor();
    using waker = reactor.waker(() => {});
    waker.wake();
    reactor.register(efd, { readable: true, trigger: 'edge' }, () => {});
    await loopTurns();
  }
  await loopTurns();
  nothingLeftOpen(before);
});
