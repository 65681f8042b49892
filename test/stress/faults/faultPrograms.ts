import assert from 'node:assert/strict';
import {
  Epoll,
  EpollEventBuffer,
  EventFd,
  Inotify,
  PidFd,
  Pipe,
  Reactor,
  type Registration,
  SignalFd,
  SignalSet,
  TimerFd,
} from 'epoll-ts';
import * as sys from 'epoll-ts/sys';
import { kernelObjects } from '../../support/kernelObjects.ts';
import { inTime, until } from '../../support/loopTurns.ts';

/** Something that is done while a system call fails. Making it happens before. */
export interface FaultProgram {
  /** The thread whose calls fail, where it is not the one that runs this. */
  readonly thread?: number;
  /** What meets the fault. */
  act(): unknown;
  /** What must work when the fault is over: events go on. */
  again?(): unknown;
  close(): void;
}

type Make = () => FaultProgram;

const rounds = 300;
const buffer = new EpollEventBuffer(4);

/** Each class: made, and closed. */
function ownerPrograms(): [string, Make][] {
  const makers: [string, () => { close(): void; readonly fd: number }][] = [
    ...kernelObjects.map(({ name, make }): [string, () => { close(): void; readonly fd: number }] => [
      name,
      () => {
        const made = make();
        return { close: () => made[Symbol.dispose](), fd: made.object.fd };
      },
    ]),
    ['Epoll', () => new Epoll()],
    ['Reactor', () => new Reactor()],
  ];
  return makers.flatMap(([name, make]): [string, Make][] => [
    [`new ${name}`, () => making(make)],
    [`${name}.close`, () => closing(make)],
  ]);
}

function making(make: () => { close(): void }): FaultProgram {
  const made: { close(): void }[] = [];
  const act = (): string => (made.push(make()), 'made');
  return { act, again: act, close: () => made.forEach((object) => object.close()) };
}

function closing(make: () => { close(): void; readonly fd: number }): FaultProgram {
  const object = make();
  const { fd } = object;
  return {
    act: () => object.close(),
    // strace answers in the kernel's place, so the number is still open: a second close would have closed it.
    again: () => {
      object.close();
      assert.equal(sys.close(fd), 0, 'closed a second time');
    },
    close: () => {},
  };
}

/** An object that is read or written. */
function using<T extends { close(): void }>(
  object: T,
  act: (object: T) => unknown,
  again = act,
  expected?: boolean,
): FaultProgram {
  return {
    act: () => act(object),
    again: () => {
      const answer = again(object);
      if (expected !== undefined) assert.equal(String(answer), String(expected));
    },
    close: () => object.close(),
  };
}

function pairOf(
  act: (epoll: Epoll, counter: EventFd) => unknown,
  again: (epoll: Epoll, counter: EventFd) => unknown,
  added = true,
): FaultProgram {
  const epoll = new Epoll();
  const counter = new EventFd({ initial: 1n });
  if (added) epoll.add(counter, sys.EPOLLIN);
  const close = (): void => (epoll.close(), counter.close());
  return { act: () => act(epoll, counter), again: () => again(epoll, counter), close };
}

const waits = (epoll: Epoll): void => assert.equal(epoll.wait(buffer, { timeoutMs: 1000 }), 1);
const masked = { timeoutMs: 50, sigmask: new SignalSet(['SIGHUP']) };

const objectPrograms: [string, Make][] = [
  ['EventFd.read', () => using(new EventFd({ initial: 7n }), (it) => it.read())],
  [
    'EventFd.write',
    () =>
      using(
        new EventFd(),
        (it) => it.write(),
        (it) => (it.write(2n), (it.read() ?? 0n) >= 2n),
        true,
      ),
  ],
  ['new EventFd(2 ** 40)', () => making(() => new EventFd({ initial: 2n ** 40n }))],
  ['EventFd.from', () => using(new EventFd(), (it) => EventFd.from(it.fd).close())],
  ['TimerFd.read', () => using(expired(), (it) => it.read())],
  ['TimerFd.set', () => using(new TimerFd(), (it) => it.set({ afterNs: 1n }))],
  ['TimerFd.remaining', () => using(new TimerFd(), (it) => it.remaining())],
  ['Inotify.read', () => using(noticed(), (it) => it.read()?.length)],
  ['Inotify.watch', () => using(new Inotify(), (it) => void it.watch('/', sys.IN_CREATE))],
  ['Inotify.unwatch', unwatching],
  ['PidFd.exited', () => using(new PidFd(process.pid), (it) => it.exited)],
  ['PidFd.signal', () => using(new PidFd(process.pid), (it) => it.signal('SIGCONT'))],
  ['SignalFd.read', () => using(signalled(), (it) => it.read()?.signal)],
  ['SignalFd gives the mask back', signalMask],
  ['PipeReader.read', () => using(filled(), (it) => it.reader.read(new Uint8Array(8)))],
  ['PipeWriter.write', () => using(new Pipe(), (it) => it.writer.write(Uint8Array.of(1, 2, 3)))],
];

const epollPrograms: [string, Make][] = [
  [
    'Epoll.add',
    () =>
      pairOf(
        (epoll, counter) => epoll.add(counter, sys.EPOLLIN),
        (epoll, counter) => (tryAdd(epoll, counter), waits(epoll)),
        false,
      ),
  ],
  ['Epoll.modify', () => pairOf((epoll, counter) => epoll.modify(counter, sys.EPOLLIN), waits)],
  [
    'Epoll.delete',
    () =>
      pairOf(
        (epoll, counter) => epoll.delete(counter),
        (epoll, counter) => (tryAdd(epoll, counter), waits(epoll)),
      ),
  ],
  ['Epoll.wait', () => pairOf((epoll) => epoll.wait(buffer, { timeoutMs: 50 }), waits)],
  ['Epoll.wait with sigmask', () => pairOf((epoll) => epoll.wait(buffer, masked), waits)],
  ['Epoll.wait in nanoseconds', () => pairOf((epoll) => epoll.wait(buffer, { timeoutNs: 99_500_000n }), waits)],
  ['Epoll.entries', () => pairOf((epoll) => epoll.entries()[0]?.ghost, waits)],
  ['Epoll.wait, many', () => pairOf(waitMany, waits)],
];

const reactorPrograms: [string, Make][] = [
  ['Reactor.register', registering],
  ['Reactor.register, priority', registeringDirect],
  [
    'Registration.modify',
    () => registered((registration) => registration.modify({ readable: true, trigger: 'oneshot' })),
  ],
  ['Registration.rearm', () => registered((registration) => registration.rearm())],
  ['Registration.readable', awaiting],
  ['Reactor.waker', waking],
  ['Reactor.turn', turning],
  ['Reactor.turn, many', turningMany],
  ['Reactor in the loop, many', loopMany],
  ['Reactor in the loop, broken', loopBroken],
];

/** By name. */
export const faultPrograms: ReadonlyMap<string, Make> = new Map([
  ...ownerPrograms(),
  ...objectPrograms,
  ...epollPrograms,
  ...reactorPrograms,
]);

function tryAdd(epoll: Epoll, counter: EventFd): void {
  if (epoll.entries().length === 0) epoll.add(counter, sys.EPOLLIN);
}

function waitMany(epoll: Epoll, counter: EventFd): string {
  let events = 0;
  for (let round = 0; round < rounds; round++) {
    events += epoll.wait(buffer, { timeoutMs: 1000 });
    assert.equal(counter.read(), 1n);
    counter.write(1n);
  }
  return `${events} events`;
}

function expired(): TimerFd {
  const timer = new TimerFd();
  timer.set({ afterNs: 1n });
  while (sys.pollOne(timer.fd, sys.POLLIN, 1000) === 0);
  return timer;
}

function noticed(): Inotify {
  const inotify = new Inotify();
  inotify.watch('/proc/self/status', sys.IN_OPEN);
  sys.close(sys.open('/proc/self/status', 0));
  return inotify;
}

function unwatching(): FaultProgram {
  const inotify = new Inotify();
  const watch = inotify.watch('/', sys.IN_CREATE);
  return { act: () => inotify.unwatch(watch), close: () => inotify.close() };
}

function signalled(): SignalFd {
  const signals = new SignalFd(['SIGHUP'], { directed: 'thread' });
  sys.tgkill(process.pid, sys.gettid(), sys.SIGHUP);
  return signals;
}

function signalMask(): FaultProgram {
  const made: SignalFd[] = [];
  return {
    act: () => void made.push(new SignalFd(['SIGHUP'], { directed: 'thread' })),
    again: () => {
      const mask = new SignalSet();
      sys.pthread_sigmask(sys.SIG_BLOCK, null, mask);
      assert.equal(mask.has('SIGHUP'), false, 'SIGHUP stays blocked');
    },
    close: () => made.forEach((signals) => signals.close()),
  };
}

function filled(): Pipe {
  const pipe = new Pipe();
  pipe.writer.write(Uint8Array.of(1, 2, 3));
  return pipe;
}

function registering(): FaultProgram {
  const reactor = new Reactor();
  const counter = new EventFd({ initial: 1n });
  let events = 0;
  const act = (): void => {
    reactor.register(counter, { readable: true, trigger: 'oneshot' }, () => void events++);
  };
  return {
    act,
    again: () => {
      if (reactor.snapshot().registrations.length === 0) act();
      reactor.turn(1000);
      assert.equal(events, 1);
      assert.deepEqual(reactor.snapshot().ghosts, []);
    },
    close: () => (counter.close(), reactor.close()),
  };
}

function registeringDirect(): FaultProgram {
  const reactor = new Reactor();
  const fd = sys.open('/proc/self/mounts', sys.O_CLOEXEC);
  const act = (): void => void reactor.register(fd, { priority: true }, () => {});
  return {
    act,
    again: () => {
      if (reactor.snapshot().registrations.length === 0) act();
      assert.equal(reactor.snapshot().registrations.length, 1);
    },
    close: () => (reactor.close(), void sys.close(fd)),
  };
}

function registered(change: (registration: Registration) => void): FaultProgram {
  const reactor = new Reactor();
  const counter = new EventFd({ initial: 1n });
  let events = 0;
  const registration = reactor.register(counter, { readable: true, trigger: 'oneshot' }, () => void events++);
  return {
    act: () => change(registration),
    again: () => {
      change(registration);
      reactor.turn(1000);
      assert.equal(events, 1);
    },
    close: () => (counter.close(), reactor.close()),
  };
}

function awaiting(): FaultProgram {
  const reactor = new Reactor();
  const counter = new EventFd({ initial: 1n });
  const registration = reactor.register(counter, { readable: true });
  return {
    act: () => inTime('the event', registration.readable()),
    again: () => inTime('the event', registration.readable()),
    close: () => (counter.close(), reactor.close()),
  };
}

function waking(): FaultProgram {
  const reactor = new Reactor();
  let wakes = 0;
  const act = (): void => reactor.waker(() => void wakes++).wake();
  return {
    act,
    again: () => {
      act();
      reactor.turn(1000);
      assert.ok(wakes >= 1);
      assert.deepEqual(reactor.snapshot().ghosts, []);
    },
    close: () => {
      // The wakers' eventfds are owned by what was registered: found through the snapshot.
      const fds = reactor.snapshot().registrations.map(({ fd }) => fd);
      reactor.close();
      for (const fd of fds) sys.close(fd);
    },
  };
}

function turning(): FaultProgram {
  const reactor = new Reactor();
  const counter = new EventFd({ initial: 1n });
  let events = 0;
  reactor.register(counter, { readable: true, trigger: 'oneshot' }, () => void events++);
  return {
    act: () => reactor.turn(1000),
    again: () => {
      if (events === 0) reactor.turn(1000);
      assert.equal(events, 1);
    },
    close: () => (counter.close(), reactor.close()),
  };
}

function turningMany(): FaultProgram {
  const reactor = new Reactor();
  const counter = new EventFd();
  let sum = 0n;
  reactor.register(counter, { readable: true, trigger: 'edge' }, () => void (sum += counter.read() ?? 0n));
  const act = (): string => {
    for (let round = 0; round < rounds; round++) {
      counter.write(1n);
      reactor.turn(1000);
    }
    return `${sum} events`;
  };
  return { act, close: () => (counter.close(), reactor.close()) };
}

function loopMany(): FaultProgram {
  const reactor = new Reactor();
  const counter = new EventFd();
  let sum = 0;
  reactor.register(counter, { readable: true, trigger: 'edge' }, () => void (sum += Number(counter.read() ?? 0n)));
  const act = async (): Promise<string> => {
    for (let round = 1; round <= rounds; round++) {
      counter.write(1n);
      await until(`event ${round}`, () => sum === round);
    }
    return `${sum} events`;
  };
  return { act, close: () => (counter.close(), reactor.close()) };
}

function loopBroken(): FaultProgram {
  const reactor = new Reactor();
  const counter = new EventFd();
  const other = new EventFd({ initial: 1n });
  const registration = reactor.register(counter, { readable: true }, () => {});
  const act = (): Promise<string> => {
    counter.write(1n);
    return inTime(
      'the error',
      new Promise((_, reject) => {
        process.once('uncaughtException', reject);
      }),
    );
  };
  return {
    act,
    again: () => {
      assert.equal(registration.closed, true);
      let events = 0;
      // Another one: strace answered in the kernel's place, so the list that EBADF means to be gone still has the
      // first.
      reactor.register(other, { readable: true, trigger: 'oneshot' }, () => void events++);
      return until('an event after the error', () => events === 1);
    },
    close: () => (counter.close(), other.close(), reactor.close()),
  };
}
