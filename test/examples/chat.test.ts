import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { test, type TestContext } from 'node:test';
import { TcpStream } from 'epoll-ts/net';
import { closing } from '../support/closing.ts';
import { exampleLimitMs, startExample } from '../support/exampleProcess.ts';

const options = { timeout: exampleLimitMs };

test(
  'the example chat tells everyone but the writer, whole lines, and goes on when one is reset',
  options,
  async (t) => {
    const { port } = await started(t);
    const a = await joined(t, port);
    const [b, c] = [await known(t, port, a), await known(t, port, a)];
    await until(b, /here\n$/);
    await a.write(Buffer.from('hello, '));
    await a.write(Buffer.from('all\nand more\n'));
    const name = a.localAddress.port;
    for (const other of [b, c]) assert.equal(await until(other, /more\n$/), `${name}: hello, all\n${name}: and more\n`);
    c.reset();
    await b.write(Buffer.from('still here\n'));
    assert.equal(await until(a, /\n$/), `${b.localAddress.port}: still here\n`);
  },
);

test('a reader that is slow misses lines and is told so, and costs the server no memory', options, async (t) => {
  const { port, server } = await started(t);
  const writer = await joined(t, port);
  const [slow, quick] = [await known(t, port, writer), await known(t, port, writer)];
  const line = Buffer.from(`${'x'.repeat(999)}\n`);
  const before = residentKiB(server);
  // 24 MiB: more than the sockets' buffers and the queue hold by far.
  let read = 0;
  for (let round = 0; round < 24; round++) {
    await writer.writev(Array.from({ length: 1024 }, () => line));
    while (true) {
      const count = quick.tryRead(new Uint8Array(1 << 20));
      if (count === null) break;
      read += count;
    }
  }
  const grown = residentKiB(server) - before;
  assert.ok(grown < 40 * 1024, `the server grew by ${grown} KiB`);
  assert.ok(read > 0);
  await until(slow, /\* you missed \d+ lines\n/);
});

async function started(t: TestContext): Promise<{ port: number; server: ChildProcess }> {
  const server = startExample(t, 'chat', '0');
  assert.ok(server.stdout !== null);
  const [line] = await once(server.stdout, 'data');
  return { port: Number(/:(\d+)\n$/.exec(String(line))?.[1]), server };
}

async function joined(t: TestContext, port: number): Promise<TcpStream> {
  return closing(t, await TcpStream.connect({ host: '127.0.0.1', port }));
}

/** One that has joined, as a client that was there before has seen. */
async function known(t: TestContext, port: number, witness: TcpStream): Promise<TcpStream> {
  const one = await joined(t, port);
  await one.write(Buffer.from('here\n'));
  await until(witness, /here\n$/);
  return one;
}

/** The end of what comes, until it matches. */
async function until(stream: TcpStream, expected: RegExp): Promise<string> {
  const into = Buffer.alloc(1 << 20);
  for (let text = ''; ;) {
    const count = await stream.read(into, { timeoutMs: exampleLimitMs });
    assert.ok(count > 0, 'the server has ended the connection');
    text = text.slice(-500) + into.toString('utf8', 0, count);
    if (expected.test(text)) return text;
  }
}

function residentKiB({ pid }: ChildProcess): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}
