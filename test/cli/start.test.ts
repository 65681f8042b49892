import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));

test(
  'npm start without a terminal says how to poke it, prints timer events, answers a connection, ' +
    'and ends at SIGINT with a summary',
  async (t) => {
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const child = spawn(process.execPath, ['scripts/start.mjs', '--json'], {
      cwd: root,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const closed = once(child, 'close');
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const hang = setTimeout(() => child.kill('SIGKILL'), 120_000);

    while (!/^watching inotify/m.test(stderr)) await once(child.stderr, 'data');
    assert.match(stderr, /printf 'hi\\n' \| nc -N 127\.0\.0\.1 4747/);
    assert.match(stderr, /^stdin: EPERM: \/dev\/null/m);
    const listening = /^watching tcp:127\.0\.0\.1:4747/m.test(stderr);
    if (listening) {
      const socket = connect({ port: 4747, host: '127.0.0.1', allowHalfOpen: true });
      socket.end('hi\n');
      const [answer] = (await once(socket, 'data')) as [Buffer];
      assert.equal(answer.toString(), 'hi\n');
      while (!stdout.includes('EPOLLRDHUP')) await once(child.stdout, 'data');
    } else {
      t.diagnostic('port 4747 is busy here');
      // Another one that was bound at the same time, and listened first, is met by listen().
      assert.match(stderr, /^tcp:127\.0\.0\.1:4747: EADDRINUSE: another program has port 4747/m);
    }
    while (!stdout.includes('"timer:1s"')) await once(child.stdout, 'data');
    child.kill('SIGINT');
    assert.deepEqual(await closed, [0, null]);
    clearTimeout(hang);
    assert.match(stderr, /^Summary: \d+ events? in /m);
  },
);
