import assert from 'node:assert/strict';
import { closeSync, openSync } from 'node:fs';
import { test } from 'node:test';
import { runWatch, startWatch } from '../watchProcess.ts';
import { untilWatched } from '../watchedEntries.ts';

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  test(`epoll watch ends at ${signal} with a summary of events per source on stderr, status 0`, async () => {
    using watch = startWatch(['--json', 'timer:10ms', 'timer:1m']);
    await watch.event('an event', () => true);
    const { code, signal: killed, stderr } = await watch.stop(signal);
    assert.match(stderr, /^Summary: \d+ events? in .*\n {2}timer:10ms +\d+ {2}EPOLLIN \d+\n {2}timer:1m +0\n$/m);
    assert.deepEqual([code, killed], [0, null]);
  });
}

test('epoll watch prints as many lines as its summary counts', async () => {
  using watch = startWatch(['--json', 'timer:1ms', 'timer:1ms']);
  await watch.until('50 events', () => (watch.events.length > 50 ? true : undefined));
  const { stdout, stderr } = await watch.stop();
  const [, total] = /^Summary: (\d+) events/m.exec(stderr) ?? [];
  assert.equal(stdout.trimEnd().split('\n').length, Number(total));
});

// A clock that goes slower: the second signal is in time also where the machine is 3 s late.
const slowClock = `data:text/javascript,${encodeURIComponent(`
const [now, timer] = [performance.now.bind(performance), setTimeout];
performance.now = () => now() / 20;
globalThis.setTimeout = (callback, ms, ...rest) => timer(callback, ms * 20, ...rest);
`)}`;

test('epoll watch is not killed by the second SIGINT that npm and shells pass on', async () => {
  using watch = startWatch(['--json', 'timer:1m'], { flags: ['--import', slowClock] });
  await watch.watching();
  watch.child.kill('SIGINT');
  await watch.says(/^Summary/m);
  watch.child.kill('SIGINT');
  const { code, signal } = await watch.end();
  assert.deepEqual([code, signal], [0, null]);
});

test('epoll watch stops watching while its reader does not read, goes on when it does, and loses no line', async () => {
  using watch = startWatch(['--json', 'timer:20us', 'timer:20us']);
  const [, first, second] = await watch.says(/^watching.*\(fd (\d+)\)[^]*^watching.*\(fd (\d+)\)/m);
  const timers = [Number(first), Number(second)];
  watch.child.stdout?.pause();
  await untilWatched(watch.pid, 'it watches no timer', (entries) => !entries.some(({ fd }) => timers.includes(fd)));
  const before = watch.events.length;
  watch.child.stdout?.resume();
  await watch.until('it goes on', () => (watch.events.length > before + 2_000 ? true : undefined));
  const { code, stderr } = await watch.stop();
  const [, total] = /^Summary: (\d+) events/m.exec(stderr) ?? [];
  assert.equal(watch.events.length, Number(total));
  assert.equal(code, 0);
});

test('epoll watch ends quietly with status 0 when its reader has seen enough', async () => {
  using watch = startWatch(['--json', 'timer:5ms']);
  await watch.event('an event', () => true);
  watch.child.stdout?.destroy();
  const { code, signal, stderr } = await watch.end();
  assert.deepEqual([code, signal], [0, null]);
  assert.doesNotMatch(stderr, /EPIPE|Error|Summary/);
});

test('epoll watch says that its output can not be written, status 1', async () => {
  const full = openSync('/dev/full', 'w');
  const { code, stderr } = await runWatch(['--json', 'timer:5ms'], { stdio: ['ignore', full, 'pipe'] });
  closeSync(full);
  assert.match(stderr, /^epoll watch: Cannot write to stdout: ENOSPC/m);
  assert.equal(code, 1);
});

test('epoll watch needs nobody on stderr', async () => {
  using watch = startWatch(['--json', '--count', '3', 'timer:20ms']);
  watch.child.stderr?.destroy();
  const { code } = await watch.end();
  assert.equal(watch.events.length, 3);
  assert.equal(code, 0);
});

test('epoll watch writes colour where it is asked for, and none into a pipe or with --json', async () => {
  const escape = '\x1b[';
  const plain = await runWatch(['--count', '1', 'timer:1ms']);
  const forced = await runWatch(['--count', '1', 'timer:1ms'], { env: { FORCE_COLOR: '1' } });
  const json = await runWatch(['--json', '--count', '1', 'timer:1ms'], { env: { FORCE_COLOR: '1' } });
  assert.deepEqual(
    [plain, forced, json].map(({ stdout }) => stdout.includes(escape)),
    [false, true, false],
  );
});

test('epoll watch leaves no descriptor open that it opened, and no warning', async () => {
  const args = [
    'timer:1ms',
    'inotify:/tmp',
    'tcp:127.0.0.1:0',
    'udp:127.0.0.1:0',
    `unix:@end-${process.pid}`,
    'signal:WINCH',
  ];
  const { code, stderr } = await runWatch(['--json', '--count', '5', ...args], {
    flags: ['--trace-warnings', '--expose-gc'],
  });
  assert.doesNotMatch(stderr, /Warning/);
  assert.equal(code, 0);
});
