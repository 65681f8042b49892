// Epoll.entries(): what the kernel holds, and how its text is read.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test, type TestContext } from 'node:test';
import { Epoll, EventFd } from 'epoll-ts';
import {
  close,
  dup,
  dup3,
  EFD_CLOEXEC,
  EPOLLERR,
  EPOLLET,
  EpollEventBuffer,
  EPOLLEXCLUSIVE,
  EPOLLHUP,
  EPOLLIN,
  EPOLLONESHOT,
  EPOLLOUT,
  EPOLLRDHUP,
  EPOLLWAKEUP,
  eventfd,
  KCMP_FILE,
  kcmp,
  O_CLOEXEC,
} from 'epoll-ts/sys';
import { parseEpollFdinfo } from '#epoll/fd/epollEntry.js';
import { runScript } from '../support/childScript.ts';
import { opened } from '../support/opened.ts';

const always = EPOLLERR | EPOLLHUP;
const events = new EpollEventBuffer(8);
const noKcmp = kcmp(process.pid, process.pid, KCMP_FILE, 0, 0) < 0 && 'kcmp is refused here';

function make(t: TestContext): { ep: Epoll; counter: EventFd } {
  const ep = new Epoll();
  const counter = new EventFd({ initial: 1n });
  t.after(() => {
    counter.close();
    ep.close();
  });
  return { ep, counter };
}

test('entries() shows descriptor, mask with ERR and HUP, data, and that the entry is armed and no ghost', (t) => {
  const { ep, counter } = make(t);
  assert.deepEqual(ep.entries(), []);
  ep.add(counter, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, 0xfedc_ba98_7654_3210n);
  const [entry, ...others] = ep.entries();
  assert.deepEqual(others, []);
  assert.ok(entry !== undefined);
  const { ino, sdev, ghost, ...rest } = entry;
  assert.deepEqual(rest, {
    fd: counter.fd,
    events: (EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET | always) >>> 0,
    data: 0xfedc_ba98_7654_3210n,
    armed: true,
  });
  assert.equal(ghost, noKcmp === false ? false : null);
  assert.ok(typeof ino === 'bigint' && typeof sdev === 'number');
});

test('a fired one-shot is disarmed until modify()', (t) => {
  const { ep, counter } = make(t);
  for (const trigger of [EPOLLONESHOT, (EPOLLONESHOT | EPOLLET) >>> 0]) {
    ep.add(counter, EPOLLIN | trigger);
    assert.equal(ep.entries()[0]?.armed, true);
    ep.wait(events, { timeoutMs: 0 });
    assert.deepEqual([ep.entries()[0]?.armed, ep.entries()[0]?.events], [false, trigger]);
    ep.modify(counter, EPOLLIN | trigger);
    assert.equal(ep.entries()[0]?.armed, true);
    ep.delete(counter);
  }
});

test('an entry with an empty mask is armed: it still reports error and hangup', (t) => {
  const { ep, counter } = make(t);
  ep.add(counter, 0);
  assert.deepEqual([ep.entries()[0]?.armed, ep.entries()[0]?.events], [true, always]);
});

test('EPOLLEXCLUSIVE is shown', (t) => {
  const { ep, counter } = make(t);
  ep.add(counter, EPOLLIN | EPOLLEXCLUSIVE);
  assert.equal(ep.entries()[0]?.events, (EPOLLIN | EPOLLEXCLUSIVE | always) >>> 0);
});

test('a number that was closed while a duplicate is open is a ghost', { skip: noKcmp }, (t) => {
  const { ep } = make(t);
  const fd = eventfd(1, EFD_CLOEXEC);
  const copy = opened(t, dup(fd));
  ep.add(fd, EPOLLIN, 7n);
  close(fd);
  assert.deepEqual(
    ep.entries().map((entry) => [entry.fd, entry.ghost, entry.armed, entry.data]),
    [[fd, true, true, 7n]],
  );
  assert.equal(ep.wait(events, { timeoutMs: 0 }), 1, 'and it goes on to report');
  assert.throws(() => ep.delete(fd), { code: 'EBADF' });
  // The repair that epoll(7) leaves: the file under its old number once more.
  opened(t, dup3(copy, fd, O_CLOEXEC));
  assert.equal(ep.entries()[0]?.ghost, false);
  ep.delete(fd);
  assert.deepEqual(ep.entries(), []);
});

test('a ghost and the new file under its number are two entries, told apart', { skip: noKcmp }, (t) => {
  const { ep } = make(t);
  const fd = eventfd(1, EFD_CLOEXEC);
  const copy = opened(t, dup(fd));
  ep.add(fd, EPOLLIN, 1n);
  const other = opened(t, eventfd(1, EFD_CLOEXEC));
  opened(t, dup3(other, fd, O_CLOEXEC));
  ep.add(fd, EPOLLIN, 2n);
  const ghosts = new Map(ep.entries().map((entry) => [entry.data, entry.ghost]));
  assert.deepEqual(
    ghosts,
    new Map([
      [1n, true],
      [2n, false],
    ]),
  );
  assert.deepEqual(
    ep.entries().map((entry) => entry.fd),
    [fd, fd],
  );
  ep.delete(fd);
  assert.deepEqual(
    ep.entries().map(({ data, ghost }) => [data, ghost]),
    [[1n, true]],
  );
  assert.ok(copy >= 0);
});

test('a duplicate that is registered beside its original is no ghost', { skip: noKcmp }, (t) => {
  const { ep, counter } = make(t);
  const copy = opened(t, dup(counter.fd));
  ep.add(counter, EPOLLIN);
  ep.add(copy, EPOLLIN);
  assert.deepEqual(
    ep.entries().map(({ ghost }) => ghost),
    [false, false],
  );
});

test('many entries are all shown, in a list that does not fit one page', (t) => {
  const { ep } = make(t);
  const counters = Array.from({ length: 300 }, () => new EventFd());
  for (const [index, counter] of counters.entries()) ep.add(counter, EPOLLIN, BigInt(index));
  const shown = ep.entries();
  assert.deepEqual(
    shown.map(({ data }) => data).sort((a, b) => Number(a - b)),
    counters.map((_, index) => BigInt(index)),
  );
  for (const counter of counters) counter.close();
});

const noSetpriv = (): string | false => {
  const { status } = spawnSync('setpriv', ['--bounding-set', '-block_suspend', 'true'], { stdio: 'ignore' });
  return status === 0 ? false : 'no setpriv that may drop CAP_BLOCK_SUSPEND';
};

test('an EPOLLWAKEUP that the kernel stripped is not shown', { skip: noSetpriv() }, () => {
  const { lines, stderr } = runScript(
    `import { Epoll, EventFd } from 'epoll-ts';
     import { EPOLLIN, EPOLLWAKEUP } from 'epoll-ts/sys';
     const ep = new Epoll();
     const counter = new EventFd();
     ep.add(counter, EPOLLIN | EPOLLWAKEUP);
     console.log((ep.entries()[0].events & EPOLLWAKEUP) !== 0);
     ep.close();
     counter.close();`,
    { through: ['setpriv', '--bounding-set', '-block_suspend', '--inh-caps', '-block_suspend'] },
  );
  assert.equal(stderr, '');
  assert.deepEqual(lines, ['false']);
});

test('the text of Linux 6.18 is read', () => {
  const text = [
    'pos:\t0',
    'flags:\t02000002',
    'mnt_id:\t16',
    'ino:\t1059',
    'tfd:       20 events:       19 data: fedcba9876543210  pos:0 ino:423 sdev:10',
    'tfd:        5 events: a0000019 data:                5  pos:-1 ino:ffffffffffff sdev:fd00001',
    'tfd:        7 events: 40000000 data:                7  pos:0 ino:423 sdev:10',
    '',
  ].join('\n');
  assert.deepEqual(parseEpollFdinfo(text), [
    { fd: 20, events: 0x19, data: 0xfedc_ba98_7654_3210n, armed: true, ino: 0x423n, sdev: 0x10 },
    { fd: 5, events: 0xa000_0019, data: 5n, armed: true, ino: 0xffff_ffff_ffffn, sdev: 0xfd0_0001 },
    { fd: 7, events: 0x4000_0000, data: 7n, armed: false, ino: 0x423n, sdev: 0x10 },
  ]);
  assert.equal((parseEpollFdinfo(text)[1]?.events ?? 0) & EPOLLWAKEUP, EPOLLWAKEUP);
});

test('the text of kernels before 4.13, which end a line after the data, is read', () => {
  const text =
    'pos:\t0\nflags:\t02\ntfd:        5 events:       1d data: ffffffffffffffff\ntfd:       12 events: ' +
    'c0000000 data:                c\n';
  assert.deepEqual(parseEpollFdinfo(text), [
    { fd: 5, events: 0x1d, data: 2n ** 64n - 1n, armed: true, ino: null, sdev: null },
    { fd: 12, events: 0xc000_0000, data: 12n, armed: false, ino: null, sdev: null },
  ]);
});

test('the text of a descriptor without entries, or of none, has no entries', () => {
  for (const text of ['', 'pos:\t0\nflags:\t02000002\nmnt_id:\t16\nino:\t1059\n', 'eventfd-count: 1\n']) {
    assert.deepEqual(parseEpollFdinfo(text), []);
  }
});
