// Descriptors are counted after every call that fails, and their flags are looked at where they are borrowed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Epoll, EventFd, Inotify, MountWatch, PidFd, PressureStall, SignalFd, TimerFd } from 'epoll-ts';
import { close, EPOLLIN, eventfd, F_GETFD, F_GETFL, fcntl, IN_CREATE, O_RDONLY, open } from 'epoll-ts/sys';
import { blockedSignals } from '../support/blockedSignals.ts';
import { expectScript } from '../support/childScript.ts';
import { nothingLeftOpen, openDescriptors } from '../support/openDescriptors.ts';

const refused = [
  ['new EventFd with a count below 0', () => new EventFd({ initial: -1n })],
  ['new EventFd with an unknown option', () => new EventFd({ first: 1n } as never)],
  ['new TimerFd with an unknown clock', () => new TimerFd({ clock: 'sundial' as never })],
  ['new TimerFd that is cancelled on a clock that is never set', () => new TimerFd({ cancelOnSet: true })],
  ['new SignalFd for nothing', () => new SignalFd([])],
  ['new SignalFd for what can’t be blocked', () => new SignalFd(['SIGHUP', 'SIGKILL'], { directed: 'thread' })],
  ['new SignalFd for the process', () => new SignalFd(['SIGUSR2'])],
  ['new PidFd for no process', () => new PidFd(0x3fff_ffff)],
  ['new MountWatch with an argument', () => new (MountWatch as new (pid: number) => MountWatch)(1)],
  [
    'new PressureStall for no resource',
    () => new PressureStall('disk' as never, { share: 'some', stallMs: 1, windowMs: 2 }),
  ],
  ['new Epoll with an argument', () => new (Epoll as new (size: number) => Epoll)(1)],
  ['EventFd.from a file that is no eventfd', () => EventFd.from(0)],
  ['EventFd.from a number that is not open', () => EventFd.from(1 << 20)],
] as const;

for (const [title, call] of refused) {
  test(`${title} is refused, and leaves nothing open and no signal blocked`, () => {
    const before = openDescriptors();
    const mask = blockedSignals();
    assert.throws(call);
    nothingLeftOpen(before);
    assert.deepEqual(blockedSignals(), mask);
  });
}

const failing = [
  [
    'Epoll.add of a file that can’t be polled',
    new Epoll(),
    (ep: Epoll) => {
      const file = open('/dev/null', O_RDONLY);
      try {
        ep.add(file, EPOLLIN);
      } finally {
        close(file);
      }
    },
  ],
  ['Inotify.watch of no file', new Inotify(), (it: Inotify) => it.watch('/nowhere/at/all', IN_CREATE)],
  ['TimerFd.set to nothing', new TimerFd(), (it: TimerFd) => it.set({})],
] as const;

for (const [title, object, call] of failing) {
  test(`${title} leaves the object as it was, and nothing open`, () => {
    const before = openDescriptors();
    const flags = [fcntl(object.fd, F_GETFD), fcntl(object.fd, F_GETFL)];
    assert.throws(() => (call as (it: unknown) => void)(object));
    assert.deepEqual([fcntl(object.fd, F_GETFD), fcntl(object.fd, F_GETFL)], flags);
    nothingLeftOpen(before);
    object.close();
  });
}

test('a borrowed eventfd keeps its flags, and stays open when it is let go', () => {
  const fd = eventfd(0, 0);
  const flags = [fcntl(fd, F_GETFD), fcntl(fd, F_GETFL)];
  const borrowed = EventFd.from(fd);
  assert.equal(borrowed.read(), null);
  assert.equal(borrowed.write(), true);
  borrowed.close();
  assert.deepEqual([fcntl(fd, F_GETFD), fcntl(fd, F_GETFL)], flags);
  assert.equal(close(fd), 0);
});

test('an object that can’t be made for want of descriptors leaves none, however many there were', () => {
  const source = `
    import assert from 'node:assert/strict';
    import { close, dup } from 'epoll-ts/sys';
    import { foreign } from '#epoll/sys/ffi/foreign.js';
    import { blockedSignals } from './build/test/support/blockedSignals.js';
    import { kernelObjects } from './build/test/support/kernelObjects.js';

    for (const { make } of kernelObjects) make()[Symbol.dispose](); // binds and loads what it needs
    const mask = blockedSignals();
    const RLIMIT_NOFILE = 7;
    assert.equal(foreign('setrlimit', ['int', 'pointer'])(RLIMIT_NOFILE, new BigUint64Array([200n, 200n])), 0);
    const fillers = [];
    const fill = () => {
      const before = fillers.length;
      for (let fd; (fd = dup(0)) >= 0; ) fillers.push(fd);
      return fillers.length - before;
    };
    fill();
    const made = new Set();
    for (const { name, make } of kernelObjects) {
      for (let room = 0; room < 4; room++) {
        for (let count = 0; count < room; count++) close(fillers.pop());
        let outcome = 'made';
        try {
          make()[Symbol.dispose]();
          made.add(name);
        } catch (error) {
          outcome = error.code;
        }
        assert.equal(fill(), room, name + ' with room for ' + room + ': ' + outcome);
        assert.deepEqual(blockedSignals(), mask, name);
      }
    }
    console.log(made.size === kernelObjects.length);`;
  expectScript(source, ['true']);
});
