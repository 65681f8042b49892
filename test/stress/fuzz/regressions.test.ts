import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClosedError, Epoll, EpollEventBuffer, EventFd, PipeReader, PipeWriter, Reactor, SystemError } from 'epoll-ts';
import { close, dup3, EPOLLIN, open } from 'epoll-ts/sys';
import { expectScript } from '../../support/childScript.ts';
import { openDescriptors } from '../../support/openDescriptors.ts';

// What the fuzzer found, one test each.

test('an object refuses to own what can be no descriptor', () => {
  for (const Class of [PipeReader, PipeWriter]) {
    for (const wrong of ['7', undefined, null, {}, 7n]) assert.throws(() => new Class(wrong as never), TypeError);
    for (const wrong of [1.5, NaN, -1, 2 ** 32 + 3]) assert.throws(() => new Class(wrong), RangeError);
  }
});

test('a class whose name throws, and a stack that can not be made, leave no descriptor open', (t) => {
  const before = openDescriptors();
  class Nameless extends EventFd {
    static override get name(): string {
      throw new Error('no name');
    }
  }
  new Nameless().close();
  const { prepareStackTrace } = Error;
  t.after(() => (Error.prepareStackTrace = prepareStackTrace));
  Error.prepareStackTrace = () => {
    throw new Error('no stack');
  };
  new EventFd().close();
  Error.prepareStackTrace = prepareStackTrace;
  assert.deepEqual(openDescriptors(), before);
});

test('an Epoll that a getter closes is not used any more: its number may be another file', () => {
  const closing = (epoll: Epoll): void => epoll.close();
  const counter = new EventFd({ initial: 1n });
  for (const use of [
    (epoll: Epoll) =>
      epoll.add(
        {
          get fd() {
            return (closing(epoll), counter.fd);
          },
        },
        EPOLLIN,
      ),
    (epoll: Epoll) =>
      epoll.wait(new EpollEventBuffer(1), {
        get timeoutMs() {
          return (closing(epoll), 0);
        },
      }),
    (epoll: Epoll) =>
      epoll.wait(new EpollEventBuffer(1), {
        timeoutMs: 0,
        get maxevents() {
          return (closing(epoll), 1);
        },
      }),
  ]) {
    assert.throws(() => use(new Epoll()), ClosedError);
  }
  counter.close();
});

test('a registration that a getter of its new interest closes leaves the next one of the same number alone', () => {
  const reactor = new Reactor();
  const counter = new EventFd({ initial: 1n });
  let events = 0;
  const first = reactor.register(counter.fd, { readable: true }, () => {});
  const interest = {
    get readable(): boolean {
      first.close();
      reactor.register(counter.fd, { readable: true, trigger: 'oneshot' }, () => void events++);
      return true;
    },
  };
  assert.throws(() => first.modify(interest), ClosedError);
  assert.equal(reactor.turn(1000), 1);
  assert.equal(events, 1);
  reactor.close();
  counter.close();
});

test('what /proc no longer has is a SystemError', () => {
  const epoll = new Epoll();
  const { fd } = epoll;
  close(fd);
  assert.throws(
    () => epoll.entries(),
    (error) => error instanceof SystemError && error.code === 'ENOENT',
  );
  // The number is filled, so that close() meets a file of its own.
  const file = open('/dev/null', 0);
  if (file !== fd) {
    dup3(file, fd, 0);
    close(file);
  }
  epoll.close();
});

test('a reactor over an epoll instance that is nested 4 deep says ELOOP: the host loop could not watch it', () => {
  const script = `
    import { Epoll, EventFd, Reactor } from 'epoll-ts';
    let inner = new EventFd({ initial: 1n });
    for (let depth = 0; depth < 4; depth++) {
      const outer = new Epoll();
      outer.add(inner, 1);
      inner = outer;
    }
    const reactor = new Reactor();
    // What nothing refers to is collected and warned of: since Node 26 a scavenge is enough.
    globalThis.kept = [inner, reactor];
    try {
      reactor.register(inner, { readable: true }, () => {});
    } catch (error) {
      console.log(error.code, error.syscall, reactor.snapshot().registrations.length);
    }`;
  expectScript(script, ['ELOOP epoll_ctl 0']);
});

test(
  'a reactor that is attached refuses what would nest it too deep for the host loop, ' + 'also before that has polled',
  () => {
    const script = `
    import { Epoll, EventFd, Reactor } from 'epoll-ts';
    const reactor = new Reactor();
    const counter = new EventFd();
    reactor.register(counter, { readable: true }, () => {});
    let inner = new EventFd({ initial: 1n });
    for (let depth = 0; depth < 4; depth++) {
      const outer = new Epoll();
      outer.add(inner, 1);
      inner = outer;
    }
    globalThis.kept = [inner, reactor, counter];
    try {
      reactor.register(inner, { readable: true }, () => {});
    } catch (error) {
      console.log(error.code, error.syscall, reactor.snapshot().registrations.length);
    }
    setTimeout(() => {
      console.log('polled');
      reactor.close();
    }, 1);`;
    expectScript(script, ['ELOOP epoll_ctl 1', 'polled']);
  },
);

test('a reactor that was attached to the host loop leaves no descriptor open', () => {
  const before = openDescriptors();
  const reactor = new Reactor();
  const counter = new EventFd();
  reactor.register(counter, { readable: true }, () => {});
  counter.close();
  reactor.close();
  assert.deepEqual(openDescriptors(), before);
});
