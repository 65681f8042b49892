import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { runWatch, startWatch } from '../watchProcess.ts';

for (const args of [[], ['--edge'], ['--oneshot'], ['--oneshot', '--no-rearm']]) {
  test(`epoll watch ${args.join(' ')} pid:N has one event when the process ends, and ends`, async () => {
    const child = spawn('sleep', ['60']);
    using watch = startWatch(['--json', ...args, `pid:${child.pid}`]);
    await watch.watching();
    assert.equal(watch.stdout, '');
    child.kill();
    const { code, stderr } = await watch.end();
    assert.equal(watch.events.length, 1);
    const [event] = watch.events;
    assert.deepEqual(event?.events[0], 'EPOLLIN');
    assert.deepEqual(event?.detail, { pid: child.pid, exited: true });
    assert.match(stderr, /^Summary: 1 event in /m);
    assert.equal(code, 0);
  });
}

test('epoll watch pid:N says that there is no such process', async () => {
  const child = spawn('true');
  await once(child, 'close');
  const { code, stderr } = await runWatch([`pid:${child.pid}`]);
  assert.match(stderr, new RegExp(`^pid:${child.pid}: ESRCH: `, 'm'));
  assert.equal(code, 1);
});
