import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test, type TestContext } from 'node:test';
import { type SocketDuplex, UnixStream } from 'epoll-ts/net';
import { closing } from '../support/closing.ts';

test('each write is one message, also when corked', async (t) => {
  const { duplex, peer } = pair(t);
  duplex.cork();
  for (const message of ['one', 'two', 'three']) duplex.write(message);
  duplex.uncork();
  duplex.end('four');
  assert.deepEqual(await messages(peer), ['one', 'two', 'three', 'four']);
});

test('each write is one message, also when it has to wait', async (t) => {
  const { duplex, peer } = pair(t);
  const sent = Array.from({ length: 3000 }, (_, index) => `message ${index}`);
  for (const message of sent) duplex.write(message);
  assert.ok(duplex.writableLength > 0, 'some wait');
  duplex.end();
  assert.deepEqual(await messages(peer), sent);
});

test('a message as long as the socket takes is read whole, as one chunk', async (t) => {
  const { duplex, peer } = pair(t);
  const long = Buffer.alloc(150_000, 'long');
  const chunks: Buffer[] = [];
  duplex.on('data', (chunk: Buffer) => chunks.push(chunk));
  await peer.write(Buffer.from('short'));
  await peer.write(long);
  await peer.write(Buffer.from('last'));
  await peer.end();
  await once(duplex, 'end');
  assert.deepEqual(
    chunks.map((chunk) => chunk.length),
    [5, long.length, 4],
  );
  assert.ok(chunks[1]?.equals(long));
});

test('an empty write is refused: the receiver would take it for the end', async (t) => {
  const { duplex, peer } = pair(t);
  duplex.write('before');
  const failed = once(duplex, 'error');
  duplex.write('', (error) => assert.ok(error instanceof RangeError));
  const [error] = await failed;
  assert.ok(error instanceof RangeError);
  assert.match(error.message, /'chunk' must not be empty: the receiver would take it for the end$/);
  assert.deepEqual(await messages(peer), ['before']);
});

function pair(t: TestContext): { duplex: SocketDuplex; peer: UnixStream } {
  const [one, other] = UnixStream.pair({ type: 'seqpacket' });
  closing(t, one);
  return { duplex: one.toDuplex(), peer: closing(t, other) };
}

async function messages(stream: UnixStream): Promise<string[]> {
  const into = Buffer.alloc(65_536);
  const all: string[] = [];
  for (let count; (count = await stream.read(into)) > 0;) all.push(into.toString('utf8', 0, count));
  return all;
}
