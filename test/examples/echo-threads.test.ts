import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { exampleLimitMs, startExample } from '../support/exampleProcess.ts';

test(
  'the example echo-threads echoes over its workers, and stops on SIGINT with an account',
  { timeout: exampleLimitMs },
  async (t) => {
    const server = startExample(t, 'echo-threads', '0');
    assert.ok(server.stdout !== null);
    const lines = createInterface(server.stdout)[Symbol.asyncIterator]();
    const first = String((await lines.next()).value);
    const port = Number(/^echoing on 127\.0\.0\.1:(\d+)$/.exec(first)?.[1]);
    // More than the sockets' buffers hold, so that the workers have to wait for room to write.
    const sent = Buffer.alloc(4 << 20, 'all the way and back ');
    const clients = Array.from({ length: 8 }, async () => {
      const client = connect(port, '127.0.0.1');
      client.end(sent);
      const received = await client.reduce((all: Buffer[], chunk: Buffer) => [...all, chunk], []);
      assert.ok(Buffer.concat(received).equals(sent), 'every byte comes back, in order');
    });
    await Promise.all(clients);
    const exit = once(server, 'exit');
    server.kill('SIGINT');
    assert.equal((await lines.next()).value, '8 connections, 8 of them finished');
    assert.deepEqual(await exit, [0, null]);
  },
);
