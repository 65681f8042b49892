import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test, type TestContext } from 'node:test';
import * as sys from 'epoll-ts/sys';
import { opened } from '../support/opened.ts';

const { gettid, pthread_sigmask, SIG_BLOCK, SIG_SETMASK, SIG_UNBLOCK, SignalSet, SIGUSR2, tgkill } = sys;

test('gettid is the process in the main thread, and tgkill reaches it', () => {
  assert.equal(gettid(), process.pid);
  assert.equal(tgkill(process.pid, gettid(), 0), 0);
  assert.equal(tgkill(process.pid, 0x7fff_ffff, 0), -sys.ESRCH);
  assert.equal(tgkill(process.pid, gettid(), 65), -sys.EINVAL);
  assert.equal(tgkill(process.pid, -1, 0), -sys.EINVAL);
});

test('pthread_sigmask adds, takes out and sets, and answers the error itself as -errno', (t) => {
  keepMask(t);
  assert.equal(pthread_sigmask(SIG_SETMASK, new SignalSet(['SIGUSR1'])), 0);
  assert.equal(pthread_sigmask(SIG_BLOCK, new SignalSet(['SIGUSR2', 64])), 0);
  assert.deepEqual(blocked(), [10, 12, 64]);
  const before = new SignalSet(['SIGINT']);
  assert.equal(pthread_sigmask(SIG_UNBLOCK, new SignalSet(['SIGUSR1']), before), 0);
  assert.deepEqual(before.values(), [10, 12, 64]);
  assert.deepEqual(blocked(), [12, 64]);
  assert.equal(pthread_sigmask(77, new SignalSet()), -sys.EINVAL);
  assert.equal(pthread_sigmask(77, null, before), 0, 'without a set the manner does not matter');
  assert.equal(pthread_sigmask(SIG_SETMASK, new SignalSet(['SIGKILL', 'SIGSTOP'])), 0);
  assert.deepEqual(blocked(), [], 'the kernel never blocks these two');
});

test('a signalfd reads a signal that the thread blocks', (t) => {
  keepMask(t);
  assert.equal(pthread_sigmask(SIG_BLOCK, new SignalSet(['SIGUSR2'])), 0);
  const fd = opened(t, sys.signalfd(-1, new SignalSet(['SIGUSR2']), sys.SFD_NONBLOCK | sys.SFD_CLOEXEC));
  const bytes = new Uint8Array(2 * sys.signalfdSiginfoSize);
  assert.equal(sys.read(fd, bytes), -sys.EAGAIN);
  assert.equal(tgkill(process.pid, gettid(), SIGUSR2), 0);
  assert.equal(sys.pollOne(fd, sys.POLLIN, 0), sys.POLLIN);
  assert.equal(sys.read(fd, bytes), sys.signalfdSiginfoSize);
  const { signo, code, pid, uid } = sys.decodeSignalfdSiginfo(bytes);
  assert.deepEqual({ signo, code, pid, uid }, { signo: SIGUSR2, code: -6, pid: process.pid, uid: process.getuid?.() });
  assert.equal(sys.read(fd, bytes.subarray(0, 127)), -sys.EINVAL, 'no room for a record');
});

test('the set of a signalfd can be changed', (t) => {
  keepMask(t);
  assert.equal(pthread_sigmask(SIG_BLOCK, new SignalSet(['SIGUSR2'])), 0);
  const fd = opened(t, sys.signalfd(-1, new SignalSet(), sys.SFD_NONBLOCK));
  assert.equal(tgkill(process.pid, gettid(), SIGUSR2), 0);
  assert.equal(sys.pollOne(fd, sys.POLLIN, 0), 0);
  assert.equal(sys.signalfd(fd, new SignalSet([SIGUSR2]), 0), fd);
  assert.equal(sys.pollOne(fd, sys.POLLIN, 0), sys.POLLIN);
  assert.equal(sys.read(fd, new Uint8Array(sys.signalfdSiginfoSize)), sys.signalfdSiginfoSize);
  assert.equal(sys.signalfd(opened(t, sys.eventfd(0, 0)), new SignalSet(), 0), -sys.EINVAL);
  assert.equal(sys.signalfd(-1, new SignalSet(), 1), -sys.EINVAL);
});

test('epoll_pwait and epoll_pwait2 wait with their own mask, in one step', async (t) => {
  keepMask(t);
  const arrived = once(process, 'SIGUSR2'); // also a handler: the default action would end the process
  assert.equal(pthread_sigmask(SIG_BLOCK, new SignalSet(['SIGUSR2'])), 0);
  const epfd = opened(t, sys.epoll_create1(0));
  const buffer = new sys.EpollEventBuffer(1);
  const boundMs = 10_000;
  const waits = [
    (mask: sys.SignalSet | null, timeoutMs: number) => sys.epoll_pwait(epfd, buffer, 1, timeoutMs, mask),
    (mask: sys.SignalSet | null, timeoutMs: number) =>
      sys.epoll_pwait2(epfd, buffer, 1, BigInt(timeoutMs) * 1_000_000n, mask),
  ];
  for (const wait of waits) {
    assert.equal(tgkill(process.pid, gettid(), SIGUSR2), 0);
    assert.equal(wait(null, 1), 0, 'null leaves the signal blocked');
    assert.equal(wait(new SignalSet(['SIGUSR2', 'SIGHUP']), 1), 0, 'the set keeps it blocked');
    assert.equal(wait(new SignalSet(['SIGHUP']), boundMs), -sys.EINTR, 'a set without it lets it in');
    assert.ok(blocked().includes(SIGUSR2), 'the mask is back');
  }
  const alive = setInterval(() => {}, 1000); // a signal's listener alone does not keep the process
  assert.deepEqual(await arrived, ['SIGUSR2', SIGUSR2]);
  clearInterval(alive);
});

test('signals have their names and numbers both ways', () => {
  assert.equal(sys.signalNumber('SIGHUP'), 1);
  assert.equal(sys.signalNumber(64), 64);
  assert.deepEqual([1, 6, 17, 32, 34, 36, 64].map(sys.signalName), [
    'SIGHUP',
    'SIGABRT',
    'SIGCHLD',
    'signal 32',
    'SIGRTMIN',
    'SIGRTMIN+2',
    'SIGRTMIN+30',
  ]);
});

/** The signals that this thread blocks. */
function blocked(): number[] {
  const set = new SignalSet();
  assert.equal(pthread_sigmask(SIG_BLOCK, null, set), 0);
  return set.values();
}

/** Restores the thread's mask when the test ends. */
function keepMask(t: TestContext): void {
  const before = new SignalSet(blocked());
  t.after(() => void pthread_sigmask(SIG_SETMASK, before));
}
