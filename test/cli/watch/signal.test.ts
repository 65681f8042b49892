import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startWatch } from '../watchProcess.ts';

for (const args of [[], ['--edge'], ['--oneshot']]) {
  test(`epoll watch ${args.join(' ')} signal:HUP reports the signal, over and over, and does not end by it`, async () => {
    using watch = startWatch(['--json', ...args, 'signal:HUP']);
    await watch.watching();
    for (let count = 1; count <= 3; count++) {
      watch.child.kill('SIGHUP');
      await watch.until(`signal ${count}`, () => (watch.events.length === count ? true : undefined));
    }
    assert.deepEqual(watch.events.at(-1)?.detail, { signal: 'SIGHUP', times: 1, via: 'process.on' });
    const { code } = await watch.stop();
    assert.equal(code, 0);
  });
}

test('epoll watch signal:USR1 takes it instead of Node, whose debugger it would start', async () => {
  using watch = startWatch(['--json', '--count', '1', 'signal:USR1']);
  await watch.watching();
  watch.child.kill('SIGUSR1');
  const { code, stderr } = await watch.end();
  assert.equal(watch.events[0]?.detail['signal'], 'SIGUSR1');
  assert.doesNotMatch(stderr, /Debugger/);
  assert.equal(code, 0);
});

test('epoll watch signal:USR1 reads a signalfd, which knows the sender, where every thread blocks the signal', async (t) => {
  if (!process.allowedNodeEnvironmentFlags.has('--disable-sigusr1'))
    return t.skip('this Node has no --disable-sigusr1');
  using watch = startWatch(['--json', '--count', '1', 'signal:USR1'], { flags: ['--disable-sigusr1'] });
  await watch.watching();
  watch.child.kill('SIGUSR1');
  const { code } = await watch.end();
  const detail = { signal: 'SIGUSR1', pid: process.pid, uid: process.getuid?.(), via: 'signalfd' };
  assert.deepEqual(watch.events[0]?.detail, detail);
  assert.equal(code, 0);
});

test('epoll watch signal:INT reports Ctrl-C and does not end by it; SIGTERM still ends it', async () => {
  using watch = startWatch(['--json', 'signal:INT']);
  await watch.watching();
  watch.child.kill('SIGINT');
  await watch.event('SIGINT', ({ detail }) => detail['signal'] === 'SIGINT');
  const { code, stderr } = await watch.stop('SIGTERM');
  assert.match(stderr, /^Summary: 1 event in /m);
  assert.equal(code, 0);
});
