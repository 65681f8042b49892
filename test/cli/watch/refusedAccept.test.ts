import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { connect } from 'node:net';
import { test } from 'node:test';
import { WatchProcess } from '../watchProcess.ts';

// What a sandbox does that knows accept(2) and not accept4(2).
const refusing = ['strace', '-f', '-qq', '-o', '/dev/null', '-e', 'inject=accept4:error=EPERM'] as const;

test('epoll watch tcp ends where every accept is refused, and says so', async (t) => {
  const [strace, ...args] = refusing;
  if (spawnSync(strace, [...args, 'true']).status !== 0) return t.skip('no strace here that can make calls fail');
  using command = new WatchProcess(['watch', 'tcp:127.0.0.1:0'], { through: refusing });
  const client = connect(await command.port(), '127.0.0.1').on('error', () => {});
  t.after(() => client.destroy());
  const { code, stdout } = await command.end();
  assert.match(stdout, /error EPERM\n$/);
  assert.equal(code, 0);
});
