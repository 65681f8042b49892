import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runWatch, startWatch } from '../watchProcess.ts';

test('epoll watch --json --count 5 timer:50ms prints five parseable lines with EPOLLIN, and ends', async () => {
  const { code, stdout, stderr } = await runWatch(['--json', '--count', '5', 'timer:50ms']);
  const lines = stdout.trimEnd().split('\n');
  assert.equal(lines.length, 5);
  for (const line of lines) {
    const event: unknown = JSON.parse(line);
    assert.ok(typeof event === 'object' && event !== null);
    assert.deepEqual(Object.keys(event), ['time', 'source', 'fd', 'mask', 'events', 'detail']);
    const { time, fd, ...rest } = event as { time: string; fd: number };
    assert.equal(new Date(time).toISOString(), time);
    assert.ok(Number.isInteger(fd));
    assert.deepEqual(Object.entries(rest).slice(0, 3), [
      ['source', 'timer:50ms'],
      ['mask', 1],
      ['events', ['EPOLLIN']],
    ]);
  }
  assert.match(stderr, /^watching timer:50ms \(fd \d+\) for EPOLLIN$/m);
  assert.match(stderr, /^Summary: 5 events in /m);
  assert.equal(code, 0);
});

test('epoll watch timer:TIME counts the expirations, and prints a line per event for a person', async () => {
  const { code, stdout } = await runWatch(['--count', '2', 'timer:20ms']);
  const lines = stdout.trimEnd().split('\n');
  assert.equal(lines.length, 2);
  for (const line of lines)
    assert.match(line, /^\d\d:\d\d:\d\d\.\d{3} {2}timer:20ms {2}fd \d+ +EPOLLIN +\d+ expirations?$/);
  assert.equal(code, 0);
});

test('epoll watch --for ends in time, with status 0 and a summary', async () => {
  const { code, stdout, stderr } = await runWatch(['--json', '--for', '300ms', 'timer:1m']);
  assert.deepEqual([code, stdout], [0, '']);
  const [, ms] = /^Summary: 0 events in (\d+) ms$/m.exec(stderr) ?? [];
  assert.ok(Number(ms) >= 300, stderr);
});

test('epoll watch --count counts the events of all sources', async () => {
  const { stdout, stderr } = await runWatch(['--json', '--count', '20', 'timer:1ms', 'timer:2ms', 'timer:3ms']);
  assert.equal(stdout.trimEnd().split('\n').length, 20);
  assert.match(stderr, /^Summary: 20 events in /m);
});

test('epoll watch --oneshot arms the source again after each event', async () => {
  const { stdout, stderr } = await runWatch(['--json', '--oneshot', '--count', '3', 'timer:20ms']);
  assert.match(stderr, /for EPOLLIN\|EPOLLONESHOT$/m);
  assert.equal(stdout.trimEnd().split('\n').length, 3);
});

test('epoll watch --oneshot --no-rearm shows one event, says so, and then the silence that follows', async () => {
  using watch = startWatch(['--json', '--oneshot', '--no-rearm', 'timer:10ms', 'timer:70ms']);
  // The other source goes on: its one event comes when the first would have had several more. Either may be the first
  // to be seen.
  await watch.event('the first timer', ({ source }) => source === 'timer:10ms');
  await watch.event('the second timer', ({ source }) => source === 'timer:70ms');
  const { code, stderr } = await watch.stop();
  assert.deepEqual(watch.events.map(({ source }) => source).toSorted(), ['timer:10ms', 'timer:70ms']);
  assert.match(stderr, /^timer:10ms: fd \d+ is disarmed: no further events until it is armed again$/m);
  assert.equal(code, 0);
});

for (const args of [['--edge'], ['--edge', '--oneshot'], ['--events', 'IN,ET']]) {
  test(`epoll watch ${args.join(' ')} goes on reporting a timer`, async () => {
    const { stdout, stderr } = await runWatch(['--json', ...args, '--count', '3', 'timer:10ms']);
    assert.match(stderr, /^watching .* for EPOLLIN.*\|EPOLLET$/m);
    assert.equal(stdout.trimEnd().split('\n').length, 3);
  });
}

test('epoll watch --events refuses nothing that never comes', async () => {
  const { code, stdout } = await runWatch(['--json', '--events', 'PRI', '--for', '100ms', 'timer:10ms']);
  assert.deepEqual([code, stdout], [0, '']);
});
