// Signals sent to the process, which Node's own threads stand in the way of.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { SignalFd, UnsupportedError } from 'epoll-ts';
import { SIGUSR2 } from 'epoll-ts/sys';
import { readThreadMasks } from '#epoll/fd/threadMasks.js';
import { blockedSignals } from '../support/blockedSignals.ts';
import { nothingLeftOpen, openDescriptors } from '../support/openDescriptors.ts';
import { passes } from '../support/signalProgram.ts';

test('SignalFd refuses in a plain process, names the threads that do not block, and leaves the mask as it was', () => {
  const mask = blockedSignals();
  const open = openDescriptors();
  const others = readThreadMasks().filter(({ tid }) => tid !== process.pid);
  assert.ok(others.length > 0);
  assert.throws(
    () => new SignalFd(['SIGHUP', SIGUSR2]),
    (error) => {
      assert.ok(error instanceof UnsupportedError);
      assert.match(error.message, /^Cannot read SIGHUP, SIGUSR2 sent to the process as every thread must block them/);
      // Node's watchdog for the inspector blocks everything.
      const named = others.filter(({ blocked }) => (blocked & 1n) === 0n);
      for (const { tid, name } of named)
        assert.ok(error.message.includes(`${tid} '${name}' (SIGHUP, SIGUSR2)`), error.message);
      assert.equal([...error.message.matchAll(/\(SIGHUP, SIGUSR2\)/g)].length, named.length);
      assert.match(error.message, /Use process\.on\('SIGHUP'\), process\.on\('SIGUSR2'\) instead/);
      assert.match(error.message, /directed: 'thread'/);
      assert.doesNotMatch(error.message, /disable-sigusr1/);
      return true;
    },
  );
  assert.deepEqual(blockedSignals(), mask);
  nothingLeftOpen(open);
});

test('SignalFd names SIGUSR1 only where a thread lacks it, and the option of Node then', () => {
  // A thread of libuv's pool that started before does not block SIGUSR1.
  passes(`
    import { promises } from 'node:fs';
    await promises.stat('.');
    assert.throws(() => new SignalFd(['SIGUSR1']), (error) => {
      assert.match(error.message, /^Cannot read SIGUSR1 sent to the process .*process\\.on\\('SIGUSR1'\\) .*--disable-sigusr1/);
      return true;
    });
    assert.throws(() => new SignalFd(['SIGHUP']), /^(?!.*SIGUSR1)/);
    // Node has no handler for a real-time signal: nothing to recommend.
    assert.throws(() => new SignalFd([SIGRTMIN]), /^UnsupportedError: Cannot read SIGRTMIN (?!.*process\\.on)/);
    assert.deepEqual(blockedSignals(), []);
  `);
});

/** The only signal that all of Node's threads can be made to block. */
function withSigusr1(t: TestContext, source: string): void {
  if (!process.allowedNodeEnvironmentFlags.has('--disable-sigusr1')) {
    t.skip(`Node ${process.versions.node} has no --disable-sigusr1 (22.14 or newer has)`);
    return;
  }
  passes(source, '--disable-sigusr1', '--disable-warning=ExperimentalWarning');
}

test('SignalFd reads SIGUSR1 sent to the process, with --disable-sigusr1', (t) => {
  withSigusr1(
    t,
    `
    import { promises } from 'node:fs';
    await promises.stat('.'); // starts the threads of libuv's pool
    const sigqueue = foreign('sigqueue', ['int', 'int', 'ulong']);
    const before = blockedSignals();
    const signals = new SignalFd(['SIGUSR1']);
    for (let round = 0; round < 20; round++) {
      process.kill(process.pid, 'SIGUSR1');
      assert.equal(pollOne(signals.fd, POLLIN, 10_000), POLLIN);
      const { signal, code, pid } = signals.read();
      assert.deepEqual({ signal, code, pid }, { signal: 'SIGUSR1', code: 0, pid: process.pid });
    }
    sigqueue(process.pid, 10, 42);
    const { code, value } = signals.read();
    assert.deepEqual({ code, value }, { code: -1, value: 42 });
    process.kill(process.pid, 'SIGUSR1');
    signals.close();
    assert.deepEqual(blockedSignals(), before);
  `,
  );
});

test('SignalFd refuses signals of which one is not blocked by all, with --disable-sigusr1, too', (t) => {
  withSigusr1(
    t,
    `assert.throws(() => new SignalFd(['SIGUSR1', 'SIGHUP']), /^UnsupportedError: Cannot read SIGHUP sent/);`,
  );
});
