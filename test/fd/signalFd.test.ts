// Signals sent to the thread. What can end the process runs in a child.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SignalFd, type SignalFdOptions } from 'epoll-ts';
import type { SignalLike } from 'epoll-ts/sys';
import { blockedSignals } from '../support/blockedSignals.ts';
import { passes } from '../support/signalProgram.ts';

test('SignalFd for the thread reads what is sent to the thread', () => {
  passes(`
    const signals = thread('SIGHUP', SIGTERM);
    assert.deepEqual(blockedSignals(), [SIGHUP, SIGTERM]);
    assert.equal(signals.read(), null);
    assert.equal(pollOne(signals.fd, POLLIN, 0), 0);
    toThread(SIGTERM);
    assert.equal(pollOne(signals.fd, POLLIN, 0), POLLIN);
    const { signal, number, code, pid, uid, value, status } = signals.read();
    assert.deepEqual({ signal, number, code, pid, uid }, { signal: 'SIGTERM', number: 15, code: -6, pid: process.pid, uid: process.getuid() });
    assert.deepEqual([value, status], [0, 0]);
    assert.equal(signals.read(), null);
    signals.close();
    assert.deepEqual(blockedSignals(), []);
  `);
});

test('SignalFd reads a standard signal once, and a real-time signal as often as it was sent', () => {
  passes(`
    const signals = thread('SIGHUP', SIGRTMIN, SIGRTMIN + 1);
    for (const signal of [SIGHUP, SIGHUP, SIGRTMIN + 1, SIGRTMIN, SIGRTMIN + 1]) toThread(signal);
    const read = [];
    for (let info; (info = signals.read()) !== null; ) read.push(info.signal);
    assert.deepEqual(read, ['SIGHUP', 'SIGRTMIN', 'SIGRTMIN+1', 'SIGRTMIN+1']);
    signals.close();
  `);
});

test('SignalFd works in a worker thread', () => {
  passes(`
    import { Worker } from 'node:worker_threads';
    const inWorker = async () => {
      const { SignalFd } = await import('epoll-ts');
      const { gettid, pthread_sigmask, SIG_BLOCK, SIGHUP, SignalSet, tgkill } = await import('epoll-ts/sys');
      const signals = new SignalFd(['SIGHUP'], { directed: 'thread' });
      tgkill(process.pid, gettid(), SIGHUP);
      const { signal } = signals.read();
      tgkill(process.pid, gettid(), SIGHUP);
      signals.close();
      const mask = new SignalSet();
      pthread_sigmask(SIG_BLOCK, null, mask);
      const { parentPort } = await import('node:worker_threads');
      parentPort.postMessage([signal, mask.values()]);
    };
    const worker = new Worker('(' + inWorker + ')()', { eval: true });
    const message = await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
    assert.deepEqual(message, ['SIGHUP', []]);
    assert.deepEqual(blockedSignals(), []);
  `);
});

test('SignalFd.close drops what is pending before it unblocks: the process lives', () => {
  passes(`
    const signals = thread('SIGHUP', 'SIGTERM', SIGRTMIN);
    for (const signal of [SIGHUP, SIGTERM, SIGRTMIN, SIGRTMIN]) toThread(signal);
    signals.close();
    assert.deepEqual(blockedSignals(), []);
    await delay(1); // whatever were still pending would have ended the process
  `);
});

test('SignalFd.close leaves blocked what was blocked before, and pending what is', () => {
  passes(`
    thread('SIGHUP', 'SIGTERM').close();
    pthread_sigmask(SIG_BLOCK, new SignalSet(['SIGTERM']));
    const signals = thread('SIGHUP', 'SIGTERM');
    toThread(SIGHUP);
    toThread(SIGTERM);
    signals.close();
    assert.deepEqual(blockedSignals(), [SIGTERM]);
    const again = thread('SIGTERM');
    assert.equal(again.read()?.signal, 'SIGTERM');
    again.close();
    assert.deepEqual(blockedSignals(), [SIGTERM]);
  `);
});

test('SignalFds of one thread share a signal: it stays blocked, and pending, until the last is closed', () => {
  passes(`
    const first = thread('SIGHUP', 'SIGTERM');
    const second = thread('SIGHUP');
    toThread(SIGHUP);
    toThread(SIGTERM);
    first.close();
    assert.deepEqual(blockedSignals(), [SIGHUP]);
    assert.equal(second.read()?.signal, 'SIGHUP');
    toThread(SIGHUP);
    assert.equal(second.read()?.signal, 'SIGHUP');
    second.close();
    assert.deepEqual(blockedSignals(), []);
    const third = thread('SIGHUP');
    third.close();
    assert.deepEqual(blockedSignals(), []);
  `);
});

test('SignalFd whose number someone else closed unblocks, and reads no other file', () => {
  passes(`
    import { dup, eventfd_read } from 'epoll-ts/sys';
    import { eventfdAt } from './build/test/support/eventfdAt.js';
    const signals = thread('SIGHUP');
    const { fd } = signals;
    eventfdAt(fd, 7);
    const copy = dup(fd);
    signals.close();
    assert.equal(eventfd_read(copy), 7n);
    assert.deepEqual(blockedSignals(), []);
  `);
});

test('threads that start later inherit the blocked signals, and child processes do not', () => {
  passes(`
    import { execFileSync } from 'node:child_process';
    import { Worker } from 'node:worker_threads';
    import { readThreadMasks } from '#epoll/fd/threadMasks.js';
    const signals = thread('SIGHUP');
    const before = new Set(readThreadMasks().map(({ tid }) => tid));
    const worker = new Worker('setInterval(() => {}, 1000)', { eval: true });
    await new Promise((resolve) => worker.once('online', resolve));
    const later = readThreadMasks().filter(({ tid }) => !before.has(tid));
    assert.ok(later.length > 0);
    for (const { blocked } of later) assert.equal(blocked & 1n, 1n);
    assert.match(execFileSync('cat', ['/proc/self/status'], { encoding: 'utf8' }), /^SigBlk:\\t0+$/m);
    await worker.terminate();
    signals.close();
  `);
});

test('SignalFd refuses what cannot be blocked, what is no signal, and nothing', () => {
  const mask = blockedSignals();
  const wrong: readonly (readonly [unknown, ErrorConstructor])[] = [
    [['SIGKILL'], RangeError],
    [['SIGHUP', 19], RangeError],
    [[32], RangeError],
    [[33], RangeError],
    [[0], RangeError],
    [[65], RangeError],
    [[], RangeError],
    [['HUP'], TypeError],
    [[null], TypeError],
    ['SIGHUP', TypeError],
    [1, TypeError],
    [null, TypeError],
  ];
  for (const [signals, kind] of wrong) {
    const make = (): SignalFd => new SignalFd(signals as Iterable<SignalLike>, { directed: 'thread' });
    assert.throws(make, (error) => error instanceof Error && error.constructor === kind, String(signals));
  }
  for (const directed of ['threads', null, true]) {
    assert.throws(() => new SignalFd(['SIGHUP'], { directed } as SignalFdOptions), TypeError);
  }
  assert.deepEqual(blockedSignals(), mask);
});
