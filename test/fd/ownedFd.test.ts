import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClosedError, OwnedFd } from 'epoll-ts';
import { close, eventfd, F_GETFD, fcntl, FD_CLOEXEC, EFD_CLOEXEC, EBADF } from 'epoll-ts/sys';
import { type FdWatcher, unwatchOwnedFd, watchOwnedFd } from '#epoll/fd/ownedFd.js';
import { eventfdAt } from '../support/eventfdAt.ts';
import { runNode } from '../support/runNode.ts';
import { withRoomBelow } from '../support/withRoomBelow.ts';

class Owner extends OwnedFd {
  constructor(fd: number, owned = true) {
    super(fd, owned);
  }
}

function isOpen(fd: number): boolean {
  return fcntl(fd, F_GETFD) === FD_CLOEXEC;
}

test('OwnedFd closes its descriptor once', () => {
  const fd = withRoomBelow(() => eventfd(0, EFD_CLOEXEC));
  const owner = new Owner(fd);
  assert.equal(owner.fd, fd);
  owner.close();
  assert.equal(fcntl(fd, F_GETFD), -EBADF);
  const reused = eventfdAt(fd);
  owner.close();
  assert.ok(isOpen(reused), 'a second close() does not hit the file that has the number now');
  close(reused);
});

test('OwnedFd leaves a borrowed descriptor open', () => {
  const fd = eventfd(0, EFD_CLOEXEC);
  const borrower = new Owner(fd, false);
  borrower.close();
  assert.equal(borrower.closed, true);
  assert.ok(isOpen(fd));
  close(fd);
});

test('OwnedFd lets its watchers go before it closes, once each', () => {
  const fd = eventfd(0, EFD_CLOEXEC);
  const owner = new Owner(fd);
  const released: string[] = [];
  const watcher = (name: string): FdWatcher => ({
    release: (target) => void released.push(`${name} ${target.fd === fd && isOpen(fd)}`),
  });
  const first = watcher('first');
  const gone = watcher('gone');
  for (const each of [first, first, gone, watcher('second')]) watchOwnedFd(owner, each);
  unwatchOwnedFd(owner, gone);
  owner.close();
  owner.close();
  assert.deepEqual(released, ['first true', 'second true']);
});

test('an object that is closed while its watchers let go is closed once, and has nothing to give away', () => {
  class Giver extends Owner {
    give(): number {
      return this.giveAway();
    }
  }
  for (const method of ['close', 'give'] as const) {
    const fd = eventfd(0, EFD_CLOEXEC);
    const giver = new Giver(fd);
    let reused = -1;
    watchOwnedFd(giver, {
      release: (target) => {
        if (reused >= 0) return;
        reused = 0;
        target.close();
        reused = eventfdAt(fd);
      },
    });
    if (method === 'close') giver.close();
    else assert.throws(() => giver.give(), ClosedError);
    assert.equal(reused, fd, 'it was told to let go');
    assert.ok(isOpen(reused), 'the file that has the number now');
    close(reused);
  }
});

// The site is the program's own line, and the object must not be kept alive by what the warning remembers of it.
const collected = `
import { setTimeout as delay } from 'node:timers/promises';
import { readlinkSync } from 'node:fs';
import { EventFd, Inotify, Pipe, TimerFd } from 'epoll-ts';
import { eventfd } from 'epoll-ts/sys';
import { openDescriptors } from './build/test/support/openDescriptors.js';

const warnings = [];
process.on('warning', (warning) => warnings.push(warning));
const borrowed = eventfd(0, 0);
let piped;
function forgetTimerFd() { new TimerFd(); }
function forgetPipe() { piped = readlinkSync('/proc/self/fd/' + new Pipe().reader.fd); }
function closeAll() { new EventFd().close(); new TimerFd().close(); new Inotify().close(); new Pipe().close(); EventFd.from(borrowed); }
forgetTimerFd();
forgetPipe();
closeAll();
// Collection has no event to wait for: until all have come, 20 seconds at the most.
for (let turn = 0; turn < 400 && warnings.length < 3; turn++) { globalThis.gc(); await delay(50); }
globalThis.gc();
await delay(50);
for (const { name, code, message } of warnings) console.log(name, code, message.replace(/fd \\d+/, 'fd N'));
const open = (end) => openDescriptors().filter((link) => link.endsWith(end)).length;
console.log(open('[timerfd]'), open(piped), open(borrowed + ' anon_inode:[eventfd]'));
`;

test('an object that is collected unclosed is closed, with a warning that names where it was made', () => {
  const { stdout, status } = runNode('--expose-gc', '--no-warnings', '--input-type=module', '--eval', collected);
  const lines = stdout.trimEnd().split('\n');
  assert.equal(lines.pop(), '0 0 1', 'closed, closed, and a borrowed one is left open');
  assert.equal(lines.length, 3, stdout);
  for (const [kind, maker] of [
    ['TimerFd', 'forgetTimerFd'],
    ['PipeReader', 'forgetPipe'],
    ['PipeWriter', 'forgetPipe'],
  ]) {
    const start = `UnclosedFdWarning EPOLL_TS_UNCLOSED ${kind} with fd N was garbage-collected without close()`;
    const line = lines.find((each) => each.startsWith(start));
    assert.ok(line?.includes(`at ${maker} (file:///`), `${kind}: ${stdout}`);
  }
  assert.equal(status, 0);
});

test('an object can be made where Error.prepareStackTrace answers no text', (t) => {
  const { prepareStackTrace } = Error;
  t.after(() => (Error.prepareStackTrace = prepareStackTrace));
  Error.prepareStackTrace = (_error, sites) => sites;
  const fd = eventfd(0, EFD_CLOEXEC);
  new Owner(fd).close();
  Error.prepareStackTrace = prepareStackTrace;
  assert.equal(isOpen(fd), false);
});
