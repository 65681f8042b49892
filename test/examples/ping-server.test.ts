import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { test, type TestContext } from 'node:test';
import { TcpStream } from 'epoll-ts/net';
import { closing } from '../support/closing.ts';
import { exampleLimitMs, startExample } from '../support/exampleProcess.ts';

const options = { timeout: exampleLimitMs };

test(
  'the example ping-server answers inline and array requests, whole, in pieces and many at once',
  options,
  async (t) => {
    const client = closing(t, await TcpStream.connect({ host: '127.0.0.1', port: await started(t) }));
    const exchange = async (request: string, answer: string): Promise<void> => {
      await client.write(Buffer.from(request));
      assert.equal(await received(client, answer.length), answer);
    };
    await exchange('PING\r\n', '+PONG\r\n');
    await exchange('*1\r\n$4\r\nPING\r\n', '+PONG\r\n');
    await exchange('*3\r\n$6\r\nCONFIG\r\n$3\r\nGET\r\n$4\r\nsave\r\n', '*2\r\n$4\r\nsave\r\n$0\r\n\r\n');
    await exchange('GET x\r\n', '-ERR unknown command\r\n');
    await exchange('ping\r\n'.repeat(5000), '+PONG\r\n'.repeat(5000));
    for (const piece of ['*', '1\r', '\n$4\r\nPI', 'NG\r']) await client.write(Buffer.from(piece));
    await exchange('\nPING\r\n', '+PONG\r\n+PONG\r\n');
  },
);

test(
  'the example ping-server disconnects a client whose request has no end, and serves the others',
  options,
  async (t) => {
    const port = await started(t);
    const endless = closing(t, await TcpStream.connect({ host: '127.0.0.1', port }));
    const client = closing(t, await TcpStream.connect({ host: '127.0.0.1', port }));
    await endless.write(Buffer.alloc(2000, 0x78));
    assert.equal(await endless.read(new Uint8Array(8)).catch(() => 0), 0);
    await client.write(Buffer.from('PING\r\n'));
    assert.equal(await received(client, 7), '+PONG\r\n');
  },
);

test('the example ping-server stands redis-benchmark', options, async (t) => {
  if (spawnSync('redis-benchmark', ['--version']).status !== 0) return t.skip('no redis-benchmark here (redis-tools)');
  const port = await started(t);
  const args = ['-t', 'ping_inline,ping_mbulk', '-c', '50', '-n', '20000', '-p', String(port), '--csv'];
  const benchmark = spawn('redis-benchmark', args, { stdio: ['ignore', 'pipe', 'pipe'] });
  t.after(() => benchmark.kill('SIGKILL'));
  const [out, err, [code]] = await Promise.all([
    text(benchmark.stdout),
    text(benchmark.stderr),
    once(benchmark, 'exit'),
  ]);
  assert.deepEqual([code, err], [0, ''], out);
  for (const name of ['PING_INLINE', 'PING_']) assert.match(out, new RegExp(`^"${name}.*","\\d`, 'm'));
});

async function started(t: TestContext): Promise<number> {
  const { stdout } = startExample(t, 'ping-server', '0');
  assert.ok(stdout !== null);
  const [line] = await once(stdout, 'data');
  return Number(/:(\d+)\n$/.exec(String(line))?.[1]);
}

async function received(stream: TcpStream, length: number): Promise<string> {
  const into = Buffer.alloc(length);
  for (let filled = 0; filled < length;) {
    const count = await stream.read(into.subarray(filled), { timeoutMs: exampleLimitMs });
    assert.ok(count > 0, `ended after ${into.toString('utf8', 0, filled)}`);
    filled += count;
  }
  return into.toString();
}
