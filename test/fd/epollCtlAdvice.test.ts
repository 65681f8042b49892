// What a failed epoll_ctl says: each error that can be had is had from the kernel itself.
import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { Epoll, EventFd, SystemError } from 'epoll-ts';
import {
  AF_INET,
  close,
  dup,
  EINVAL,
  ENOMEM,
  ENOSPC,
  EPOLL_CTL_ADD,
  EPOLLERR,
  EPOLLET,
  EPOLLEXCLUSIVE,
  EPOLLHUP,
  EPOLLIN,
  EPOLLMSG,
  EPOLLONESHOT,
  EPOLLOUT,
  EPOLLPRI,
  EPOLLRDBAND,
  EPOLLRDHUP,
  EPOLLRDNORM,
  EPOLLWAKEUP,
  EPOLLWRBAND,
  EPOLLWRNORM,
  O_CLOEXEC,
  open,
  SOCK_CLOEXEC,
  SOCK_STREAM,
  socket,
} from 'epoll-ts/sys';
import { epollCtlAdvice } from '#epoll/fd/epollCtlAdvice.js';
import { runScript } from '../support/childScript.ts';
import { opened } from '../support/opened.ts';
import { withRoomBelow } from '../support/withRoomBelow.ts';

const O_PATH = 0o10000000;

function epoll(t: TestContext): Epoll {
  const ep = new Epoll();
  t.after(() => ep.close());
  return ep;
}

function counter(t: TestContext): EventFd {
  const made = new EventFd();
  t.after(() => made.close());
  return made;
}

/** Asserts that a call fails with a SystemError of epoll_ctl with this code, descriptor and advice. */
function refuses(call: () => void, code: string, fd: number, advice: RegExp): void {
  assert.throws(call, (error) => {
    assert.ok(error instanceof SystemError, String(error));
    assert.deepEqual([error.code, error.syscall, error.fd], [code, 'epoll_ctl', fd]);
    assert.ok(error.message.startsWith(`${code}: epoll_ctl fd ${fd}: `), error.message);
    assert.match(error.message, advice);
    assert.doesNotMatch(error.message, /\.$/);
    return true;
  });
}

test('EPERM names the file that cannot be polled, and the way out', (t) => {
  const ep = epoll(t);
  for (const path of [process.execPath, tmpdir(), '/dev/null', '/dev/zero', '/proc/self/status']) {
    const fd = opened(t, open(path, O_CLOEXEC));
    const shown = path === '/proc/self/status' ? `/proc/${process.pid}/status` : path;
    refuses(() => ep.add(fd, EPOLLIN), 'EPERM', fd, new RegExp(`${shown}\\).*read it directly.*Inotify`));
  }
});

test('EPERM names a file that was deleted', (t) => {
  const ep = epoll(t);
  const folder = mkdtempSync(join(tmpdir(), 'epoll-ts-advice-'));
  const fd = openSync(join(folder, 'gone'), 'w');
  t.after(() => closeSync(fd));
  rmSync(folder, { recursive: true });
  refuses(() => ep.add(fd, EPOLLIN), 'EPERM', fd, /gone \(deleted\)\)/);
});

test('EEXIST and ENOENT say what to call instead', (t) => {
  const ep = epoll(t);
  const target = counter(t);
  refuses(() => ep.modify(target, EPOLLIN), 'ENOENT', target.fd, /add it first/);
  refuses(() => ep.delete(target), 'ENOENT', target.fd, /not in the interest list/);
  ep.add(target, EPOLLIN);
  refuses(() => ep.add(target, EPOLLIN), 'EEXIST', target.fd, /modify it, or delete it first/);
});

test('EBADF tells a closed descriptor, an O_PATH one, and the epoll descriptor itself apart', (t) => {
  const ep = epoll(t);
  const gone = withRoomBelow(() => dup(0));
  close(gone);
  for (const call of [() => ep.add(gone, EPOLLIN), () => ep.modify(gone, EPOLLIN), () => ep.delete(gone)]) {
    refuses(call, 'EBADF', gone, /it is not open/);
  }
  const path = opened(t, open('/', O_PATH | O_CLOEXEC));
  refuses(() => ep.add(path, EPOLLIN), 'EBADF', path, /O_PATH/);

  const broken = withRoomBelow(() => new Epoll());
  const target = counter(t);
  const { fd } = broken;
  close(fd);
  refuses(() => broken.add(target, EPOLLIN), 'EBADF', target.fd, new RegExp(`epoll descriptor itself \\(fd ${fd}\\)`));
  assert.throws(() => broken.close(), { code: 'EBADF' });
});

test('ELOOP comes with the sixth instance of a chain and with a circle', (t) => {
  const chain = Array.from({ length: 5 }, () => epoll(t));
  chain.reduce((outer, inner) => (outer.add(inner, EPOLLIN), inner));
  const [first, , , , last] = chain as [Epoll, Epoll, Epoll, Epoll, Epoll];
  const sixth = epoll(t);
  refuses(() => last.add(sixth, EPOLLIN), 'ELOOP', sixth.fd, /more than 5 deep/);
  refuses(() => sixth.add(first, EPOLLIN), 'ELOOP', first.fd, /more than 5 deep/);
  last.add(counter(t), EPOLLIN);
  refuses(() => last.add(first, EPOLLIN), 'ELOOP', first.fd, /circle/);
});

test('EINVAL of an epoll that would watch itself says so, by a duplicate of its number too', (t) => {
  const ep = epoll(t);
  refuses(() => ep.add(ep, EPOLLIN), 'EINVAL', ep.fd, /cannot watch itself/);
  const copy = opened(t, dup(ep.fd));
  refuses(() => ep.add(copy, EPOLLIN), 'EINVAL', copy, /cannot watch itself/);
});

const refusedFlags = {
  EPOLLONESHOT,
  EPOLLPRI,
  EPOLLRDHUP,
  EPOLLMSG,
  EPOLLRDNORM,
  EPOLLRDBAND,
  EPOLLWRNORM,
  EPOLLWRBAND,
};

for (const [name, flag] of Object.entries(refusedFlags)) {
  test(`EINVAL of EPOLLEXCLUSIVE with ${name} names the flag`, (t) => {
    const ep = epoll(t);
    const target = counter(t);
    const add = (): void => ep.add(target, EPOLLIN | EPOLLEXCLUSIVE | flag);
    refuses(add, 'EINVAL', target.fd, new RegExp(`EPOLLEXCLUSIVE cannot be combined with ${name}$`));
    assert.deepEqual(ep.entries(), []);
  });
}

test('EINVAL of EPOLLEXCLUSIVE names all the flags that it refuses, and none that it takes', (t) => {
  const ep = epoll(t);
  const target = counter(t);
  const mask = EPOLLIN | EPOLLOUT | EPOLLERR | EPOLLHUP | EPOLLET | EPOLLWAKEUP | EPOLLEXCLUSIVE;
  const all = [EPOLLPRI, EPOLLRDHUP, EPOLLONESHOT, 0x800].reduce((bits, flag) => bits | flag, mask);
  assert.throws(
    () => ep.add(target, all),
    (error) => {
      assert.ok(error instanceof SystemError);
      for (const flag of ['EPOLLPRI', 'EPOLLRDHUP', 'EPOLLONESHOT', '0x800'])
        assert.ok(error.message.includes(flag), error.message);
      for (const flag of ['EPOLLIN', 'EPOLLOUT', 'EPOLLET', 'EPOLLWAKEUP'])
        assert.ok(!error.message.includes(flag), error.message);
      return true;
    },
  );
  ep.add(target, mask);
});

test('EINVAL of EPOLLEXCLUSIVE on an epoll descriptor says so', (t) => {
  const ep = epoll(t);
  const inner = epoll(t);
  refuses(() => ep.add(inner, EPOLLIN | EPOLLEXCLUSIVE), 'EINVAL', inner.fd, /cannot be used on an epoll descriptor/);
});

test('EINVAL of a modify to or from EPOLLEXCLUSIVE says to delete and add', (t) => {
  const ep = epoll(t);
  const target = counter(t);
  ep.add(target, EPOLLIN);
  refuses(() => ep.modify(target, EPOLLIN | EPOLLEXCLUSIVE), 'EINVAL', target.fd, /when adding only: delete .* add/);
  ep.delete(target);
  ep.add(target, EPOLLIN | EPOLLEXCLUSIVE);
  for (const mask of [EPOLLIN, EPOLLOUT, 0]) {
    refuses(
      () => ep.modify(target, mask),
      'EINVAL',
      target.fd,
      /added with EPOLLEXCLUSIVE cannot be modified: delete it/,
    );
  }
  ep.delete(target);
});

test('EINVAL of too many paths names the limit', (t) => {
  const outer = epoll(t);
  const target = counter(t);
  const inner = Array.from({ length: 501 }, () => epoll(t));
  for (const ep of inner) outer.add(ep, EPOLLIN);
  const last = inner.pop() as Epoll;
  for (const ep of inner) ep.add(target, EPOLLIN);
  refuses(() => last.add(target, EPOLLIN), 'EINVAL', target.fd, /500 paths/);
});

test('ENOSPC names the sysctl, and ENOMEM the memory', () => {
  // Lowering fs.epoll.max_user_watches would hit every program of this user.
  const call = { epfd: 3, op: EPOLL_CTL_ADD, fd: 0, events: EPOLLIN };
  assert.match(epollCtlAdvice(-ENOSPC, call), /raise the sysctl fs\.epoll\.max_user_watches$/);
  assert.match(epollCtlAdvice(-ENOMEM, call), /no memory/);
  assert.equal(epollCtlAdvice(-1234, call), '');
  assert.notEqual(epollCtlAdvice(-EINVAL, call), '');
});

test('a socket of its own can be watched: only what the kernel refuses is refused', (t) => {
  const ep = epoll(t);
  const fd = opened(t, socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ep.add(fd, EPOLLIN | EPOLLRDHUP | EPOLLPRI | EPOLLONESHOT);
});

test('EMFILE of a new Epoll and of a new Reactor says to look at ulimit', () => {
  const { lines, stderr } = runScript(
    `import { Epoll, Reactor, EventFd } from 'epoll-ts';
     import { close, dup } from 'epoll-ts/sys';
     const reactor = new Reactor();
     const counter = new EventFd();
     const filled = [];
     for (let fd; (fd = dup(1)) >= 0; ) filled.push(fd);
     for (const make of [() => new Epoll(), () => new Reactor(), () => reactor.register(counter, { readable: true })]) {
       try { make(); } catch ({ name, code, syscall, message }) { console.log(name, code, syscall, /ulimit -n/.test(message)); }
     }
     for (const fd of filled) close(fd);
     console.log(reactor.snapshot().registrations.length);
     reactor.register(counter, { readable: true }, () => counter.close());
     counter.write();
     process.on('exit', () => console.log(counter.closed));`,
    { through: ['sh', '-c', 'ulimit -n 256; exec "$@"', 'sh'] },
  );
  assert.equal(stderr, '');
  assert.deepEqual(lines, [
    'SystemError EMFILE epoll_create1 true',
    'SystemError EMFILE epoll_create1 true',
    'SystemError EMFILE fcntl true',
    '0',
    'true',
  ]);
});
