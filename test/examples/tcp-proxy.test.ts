import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { test, type TestContext } from 'node:test';
import { exampleLimitMs } from '../support/exampleProcess.ts';
import { servingExample } from '../support/servingExample.ts';

const timeout = exampleLimitMs;

// The outer ends are Node's own sockets: the proxy is all of ours that takes part.
async function proxied(t: TestContext): Promise<{ client: Socket; server: Socket }> {
  const target: Server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
  await once(target, 'listening');
  const address = target.address();
  assert.ok(typeof address === 'object' && address !== null);
  const { port } = await servingExample(t, 'tcp-proxy', '0', `127.0.0.1:${address.port}`);
  const connected = once(target, 'connection');
  const client = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  const [server] = (await connected) as [Socket];
  t.after(() => {
    client.destroy();
    server.destroy();
    target.close();
  });
  return { client, server };
}

test('the example tcp-proxy passes on both directions, and the end of each by itself', { timeout }, async (t) => {
  const { client, server } = await proxied(t);
  client.end('question');
  const question: Buffer[] = [];
  server.on('data', (chunk: Buffer) => question.push(chunk));
  await once(server, 'end');
  assert.equal(String(Buffer.concat(question)), 'question');
  const answer = Buffer.alloc(4 << 20, 'answer');
  server.end(answer);
  assert.ok((await buffer(client)).equals(answer));
});

test('the example tcp-proxy holds a sender back whose receiver does not read', { timeout }, async (t) => {
  const { client, server } = await proxied(t);
  server.pause();
  const chunk = Buffer.alloc(1 << 20);
  let sent = 0;
  const taken = (error?: Error | null): void => {
    if (error) return;
    sent += chunk.length;
    client.write(chunk, taken);
  };
  client.on('error', () => {}).write(chunk, taken);
  let before = -1;
  while (sent > before) {
    before = sent;
    await delay(200);
  }
  assert.ok(sent < 64 << 20, `${sent >> 20} MiB were taken although nobody reads`);
  server.resume();
  await once(server, 'data');
  while (sent === before) await delay(10);
});

test('the example tcp-proxy resets the other side when one is reset', { timeout }, async (t) => {
  for (const which of ['client', 'server'] as const) {
    const ends = await proxied(t);
    const other = which === 'client' ? ends.server : ends.client;
    other.resume();
    const failed = once(other, 'error');
    ends[which].resetAndDestroy();
    assert.equal((await failed)[0].code, 'ECONNRESET');
  }
});
