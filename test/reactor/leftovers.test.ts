// What a reactor leaves open, listed or attached: nothing, whatever fails. In processes of their own, whose descriptors
// can be counted.
import { test } from 'node:test';
import { expectScript } from '../support/childScript.ts';

const setUp = `
  import { closeSync, openSync, readdirSync } from 'node:fs';
  import { EventFd, Reactor } from 'epoll-ts';
  import { close, dup, EBADF, EPOLLIN, EPOLLPRI, eventfd, F_GETFD, FD_CLOEXEC, fcntl } from 'epoll-ts/sys';
  import { descriptorsOf } from '#epoll/reactor/reactor.js';
  import { setImmediate } from 'node:timers/promises';
  const turns = async () => { for (let turn = 0; turn < 6; turn++) await setImmediate(); };
  const count = () => readdirSync('/proc/self/fd').length;
  const handler = () => {};
`;

test("the duplicate that Node's loop watches, and the waker's, are close-on-exec", () => {
  expectScript(
    `${setUp}
     const reactor = new Reactor();
     const waker = reactor.waker();
     const fds = [...descriptorsOf(reactor), waker.fd];
     console.log(fds.length, fds.every((fd) => (fcntl(fd, F_GETFD) & FD_CLOEXEC) !== 0));
     waker.close();
     reactor.close();`,
    ['3 true'],
  );
});

test('an attached reactor holds two descriptors once the loop has polled, and none when it is closed', () => {
  expectScript(
    `${setUp}
     const counter = new EventFd();
     const first = new Reactor();
     first.register(counter, { readable: true }, handler);
     await turns();
     first.close(); // what is opened once is open
     const before = count();
     const reactor = new Reactor();
     reactor.register(counter, { readable: true }, handler);
     await turns();
     const during = count();
     reactor.close();
     console.log(during - before, count() - before);
     counter.close();`,
    ['2 0'],
  );
});

test('a file that forgets its event gives back all that its registration opened', () => {
  expectScript(
    `${setUp}
     const file = openSync('/proc/sys/kernel/hostname', 'r');
     const reactor = new Reactor();
     reactor.register(file, { priority: true }, handler).close();
     await turns();
     const before = count();
     for (let round = 0; round < 5; round++) {
       const registration = reactor.register(file, { priority: true }, handler);
       if (round % 2 === 0) await turns();
       registration.close();
     }
     await turns();
     console.log(count() - before);
     reactor.close();
     closeSync(file);`,
    ['0'],
  );
});

test('register() whose attach fails takes its entry back, and closes what it opened', () => {
  expectScript(
    `${setUp}
     const counter = new EventFd();
     const reactor = new Reactor();
     reactor.snapshot(); // what is opened at the first call is open
     const others = [];
     try { for (;;) others.push(openSync('/dev/null', 'r')); } catch {}
     // No descriptor for the duplicate; none for the instance that proves it.
     for (const room of [0, 1]) {
       for (let free = 0; free < room; free++) closeSync(others.pop());
       try { reactor.register(counter, { readable: true }, handler); console.log('registered'); } catch ({ code }) { console.log(code); }
       let free = 0;
       const filled = [];
       try { for (;;) { filled.push(openSync('/dev/null', 'r')); free++; } } catch {}
       for (const fd of filled) closeSync(fd);
       console.log(free === room);
     }
     for (const fd of others) closeSync(fd);
     const { registrations, ghosts, attached } = reactor.snapshot();
     console.log(registrations.length, ghosts.length, attached);
     reactor.register(counter, { readable: true }, handler).close();
     reactor.close();
     counter.close();`,
    ['EMFILE', 'true', 'EMFILE', 'true', '0 0 false'],
    { through: ['prlimit', '--nofile=64:64'] },
  );
});

test('modify() that the kernel refuses leaves the mask and the way of arming as they were', () => {
  expectScript(
    `${setUp}
     const reactor = new Reactor();
     const fd = eventfd(0, 0);
     const registration = reactor.register(fd, { readable: true, trigger: 'oneshot' }, handler);
     const { mask } = registration;
     close(fd);
     try { registration.modify({ writable: true, trigger: 'edge' }); } catch ({ code }) { console.log(code); }
     console.log(registration.mask === mask, registration.armed);
     reactor.close();`,
    ['EBADF', 'true true'],
  );
});

test("a reactor whose number someone else closed leaves Node's loop: the error is told once, and the process ends", () => {
  expectScript(
    `${setUp}
     process.on('uncaughtException', ({ code, syscall }) => console.log(code, syscall));
     const reactor = new Reactor();
     const counter = new EventFd();
     const registration = reactor.register(counter, { readable: true }, handler);
     await turns();
     close(reactor.fd);
     counter.write();
     await turns();
     console.log(registration.closed);
     counter.close();`,
    ['EBADF epoll_wait', 'true'],
  );
});

test('a ghost is warned of once, however long it goes on', () => {
  expectScript(
    `${setUp}
     process.on('warning', ({ code }) => console.log(code));
     const reactor = new Reactor();
     const ghost = eventfd(1, 0);
     const copy = dup(ghost);
     const registration = reactor.register(ghost, { readable: true }, handler);
     close(ghost);
     registration.close();
     for (let turn = 0; turn < 3500; turn++) reactor.turn(0);
     await turns();
     reactor.close();
     close(copy);`,
    ['EPOLL_TS_GHOST'],
    { flags: ['--no-warnings'] },
  );
});

test('disarmedForMs counts from the turn in which it fired', () => {
  expectScript(
    `${setUp}
     const reactor = new Reactor();
     const counters = [new EventFd({ initial: 1n }), new EventFd()];
     for (const counter of counters) reactor.register(counter, { readable: true, trigger: 'oneshot' }, handler);
     reactor.turn();
     const end = Date.now() + 40;
     while (Date.now() < end);
     counters[1].write();
     reactor.turn();
     const [first, second] = reactor.snapshot().registrations.map(({ disarmedForMs }) => disarmedForMs);
     console.log(first - second >= 30);
     for (const each of [...counters, reactor]) each.close();`,
    ['true'],
  );
});

test('a closed reactor is collected: nothing of the loop holds it', () => {
  expectScript(
    `${setUp}
     const made = [];
     for (let index = 0; index < 5; index++) {
       const reactor = new Reactor();
       const counter = new EventFd();
       reactor.register(counter, { readable: true }, handler);
       made.push(new WeakRef(reactor));
       await turns();
       reactor.close();
       counter.close();
     }
     for (let round = 0; round < 10; round++) { await turns(); gc(); }
     console.log(made.filter((ref) => ref.deref() !== undefined).length <= 1);`,
    ['true'],
    { flags: ['--expose-gc'] },
  );
});
