// What every object that owns a descriptor promises, checked on each kind.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { ClosedError, OwnedFd } from 'epoll-ts';
import { close, EBADF, F_GETFD, F_GETFL, fcntl, FD_CLOEXEC, O_NONBLOCK } from 'epoll-ts/sys';
import { kernelObjects } from '../support/kernelObjects.ts';
import { nothingLeftOpen, openDescriptors } from '../support/openDescriptors.ts';
import { runNode } from '../support/runNode.ts';
import { withRoomBelow } from '../support/withRoomBelow.ts';

for (const { name, make } of kernelObjects) {
  test(`${name} owns a descriptor that is close-on-exec and non-blocking`, () => {
    using made = make();
    assert.ok(made.object instanceof OwnedFd);
    assert.equal(fcntl(made.object.fd, F_GETFD), FD_CLOEXEC);
    assert.equal(fcntl(made.object.fd, F_GETFL) & O_NONBLOCK, O_NONBLOCK);
  });

  test(`${name} throws ClosedError at every use after close(), which may be called again`, () => {
    using made = make();
    const { object, uses } = made;
    assert.equal(object.closed, false);
    object.close();
    object.close();
    assert.equal(object.closed, true);
    for (const [use, call] of Object.entries(uses)) {
      assert.throws(call, isClosedError(name), use);
    }
  });

  test(`${name} works with using, and leaves no descriptor open`, () => {
    const before = openDescriptors();
    {
      using made = make();
      const { fd } = made.object;
      assert.ok(
        openDescriptors().some((line) => line.startsWith(`${fd} `)),
        'it has one while it lives',
      );
      assert.equal(made.object.closed, false);
    }
    nothingLeftOpen(before);
  });

  test(`${name} throws EBADF with its descriptor when someone else closed it`, () => {
    using made = withRoomBelow(make);
    const { object, uses } = made;
    const { fd } = object;
    close(fd);
    for (const [use, call] of Object.entries(uses)) {
      if (use !== 'fd') assert.throws(call, { name: 'SystemError', code: 'EBADF', errno: -EBADF, fd }, use);
    }
    assert.throws(() => object.close(), { name: 'SystemError', code: 'EBADF', errno: -EBADF, syscall: 'close', fd });
    assert.equal(object.closed, true, 'it does not close the number again, which may be another file by then');
    object.close();
  });
}

function isClosedError(name: string): (error: unknown) => boolean {
  return (error) =>
    error instanceof ClosedError &&
    error.code === 'ERR_EPOLL_CLOSED' &&
    error.message === `Cannot use this ${name} as it is closed`;
}

test('a child process inherits no descriptor of any object', () => {
  const before = openDescriptors();
  const all = kernelObjects.map(({ make }) => make());
  const links = openDescriptors().filter((link) => !before.includes(link));
  const own = new Set(links.map((link) => link.slice(link.indexOf(' ') + 1)));
  assert.ok(own.size >= 6, 'one file or more of each kind');
  const listed = execFileSync('sh', ['-c', 'readlink /proc/$$/fd/* || true'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }).split('\n');
  for (const made of all) made[Symbol.dispose]();
  // Whether a captured output is a pipe or a socket is libuv's affair (1.46: a socket); what it ignores is always this.
  assert.ok(listed.includes('/dev/null'), 'the list shows its standard input');
  assert.deepEqual(
    listed.filter((file) => own.has(file)),
    [],
  );
});

const atTheLimit = `
import assert from 'node:assert/strict';
import { dup } from 'epoll-ts/sys';
import { foreign } from '#epoll/sys/ffi/foreign.js';
import { blockedSignals } from './build/test/support/blockedSignals.js';
import { kernelObjects } from './build/test/support/kernelObjects.js';

for (const { make } of kernelObjects) make()[Symbol.dispose](); // binds what it needs
const mask = blockedSignals();
const limit = 200n;
const RLIMIT_NOFILE = 7;
assert.equal(foreign('setrlimit', ['int', 'pointer'])(RLIMIT_NOFILE, new BigUint64Array([limit, limit])), 0);
while (dup(0) >= 0);
for (const { name, syscall, make } of kernelObjects) {
  assert.throws(make, (error) => {
    assert.equal(error.code, 'EMFILE', name);
    assert.equal(error.syscall, syscall, name);
    assert.match(error.message, /ulimit -n/, name);
    return true;
  });
}
assert.deepEqual(blockedSignals(), mask);
console.log('all refused');
`;

test('every object says what to do when the process has too many open files', () => {
  const { status, stdout, stderr } = runNode('--input-type=module', '--eval', atTheLimit);
  assert.equal(stderr, '');
  assert.equal(stdout, 'all refused\n');
  assert.equal(status, 0);
});
