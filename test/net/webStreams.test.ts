import assert from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { test } from 'node:test';
import { ClosedError, SystemError } from 'epoll-ts';
import { type Socket, UnixStream } from 'epoll-ts/net';
import { tcpPair } from '../support/tcpPair.ts';

async function all(readable: ReadableStream<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  const reader = readable.getReader();
  for (;;) {
    const { value } = await reader.read();
    if (value === undefined) return Buffer.concat(chunks);
    chunks.push(value);
  }
}

async function untilClosed(socket: Socket): Promise<void> {
  while (!socket.closed) await nextTurn();
}

test('Web Streams carry bytes both ways, and close the socket when both have ended', async (t) => {
  const { client, server } = await tcpPair(t);
  assert.equal(client.readable, client.readable, 'it is the same stream each time');
  assert.equal(client.writable, client.writable);
  const writer = client.writable.getWriter();
  await writer.write(Buffer.from('question'));
  await writer.close();
  assert.equal(String(await all(server.readable)), 'question');
  assert.ok(!server.closed, 'the other direction is open: a half-close');
  const answering = server.writable.getWriter();
  await answering.write(Buffer.from('answer'));
  await answering.close();
  assert.ok(server.closed);
  assert.equal(String(await all(client.readable)), 'answer');
  assert.ok(client.closed);
});

test("a BYOB reader's memory is read into directly, and told of the end", async (t) => {
  const { client, server } = await tcpPair(t);
  const reader = server.readable.getReader({ mode: 'byob' });
  const memory = new ArrayBuffer(16);
  client.tryWrite(Buffer.from('bytes'));
  const first = await reader.read(new Uint8Array(memory, 4, 8));
  assert.equal(String(Buffer.from(first.value ?? [])), 'bytes');
  assert.equal(first.value?.byteOffset, 4);
  assert.equal(first.value?.buffer.byteLength, 16, 'it is the memory that was given, transferred');
  const waiting = reader.read(new Uint8Array(8));
  await nextTurn();
  await client.end();
  assert.deepEqual(await waiting.then(({ done, value }) => [done, value?.byteLength]), [true, 0]);
});

test('nothing is read before it is asked for', async (t) => {
  const { client, server } = await tcpPair(t);
  const { readable } = server;
  client.tryWrite(Buffer.from('bytes'));
  await server.untilReadable();
  assert.equal(server.bytesRead, 0);
  const reader = readable.getReader();
  assert.equal((await reader.read()).value?.byteLength, 5);
});

test('what is read belongs to its reader alone', async (t) => {
  const { client, server } = await tcpPair(t);
  const reader = server.readable.getReader();
  const kept: Uint8Array[] = [];
  for (const size of [10, 20_000, 60_000]) {
    client.tryWrite(Buffer.alloc(size, size % 251));
    for (let left = size; left > 0;) {
      const { value } = await reader.read();
      assert.ok(value !== undefined);
      left -= value.byteLength;
      kept.push(value);
    }
  }
  const sums = [10, 20_000, 60_000].flatMap((size) => Array<number>(size).fill(size % 251));
  assert.ok(Buffer.concat(kept).equals(Buffer.from(sums)));
  assert.ok((kept[0]?.buffer.byteLength ?? Infinity) <= 16, 'a small chunk does not keep much memory');
});

test('a program that does not read stops the writer', async (t) => {
  const { client, server } = await tcpPair(t);
  const writer = client.writable.getWriter();
  const large = Buffer.alloc(24 << 20, 'large');
  let done = false;
  const writing = writer.write(large).then(() => (done = true));
  for (let turns = 0; turns < 20; turns++) await nextTurn();
  assert.equal(done, false);
  assert.ok((writer.desiredSize ?? 0) <= 0);
  assert.equal(server.bytesRead, 0);
  const closing = writing.then(() => writer.close());
  assert.ok((await all(server.readable)).equals(large));
  await closing;
});

test('cancel() ends the direction, also while a read waits', async (t) => {
  const { client, server } = await tcpPair(t);
  const reader = server.readable.getReader();
  const waiting = reader.read();
  await nextTurn();
  await reader.cancel('enough');
  assert.deepEqual(await waiting, { done: true, value: undefined });
  assert.ok(!server.closed, 'the writing direction is of no concern to it');
  await server.writable.close();
  assert.equal(await client.read(new Uint8Array(8)), 0);
  assert.ok(!server.closed, 'what the client still sends would be answered with a reset');
  await client.end();
  await untilClosed(server);
});

test('cancel(), then close(): the peer gets all that was promised, and no reset behind it', async (t) => {
  const { client, server } = await tcpPair(t);
  const answer = Buffer.alloc(300_000, 'a');
  // It is on its way, unread: a close would reset the connection, which throws away what the peer has not read.
  client.tryWrite(Buffer.alloc(50_000));
  await server.untilReadable();
  await server.readable.cancel('enough');
  const writer = server.writable.getWriter();
  const written = writer.write(answer).then(() => writer.close());
  // Sent when the socket has long been told to close, and before it is read: a closed one would answer with a reset.
  const late = written.then(() => client.write(Buffer.alloc(50_000)));
  await client.untilReadable();
  let received = 0;
  const into = new Uint8Array(16_384);
  for (let count; (count = await client.read(into)) > 0;) received += count;
  assert.equal(received, answer.length);
  await late;
  assert.ok(!server.closed, 'the client has not ended yet');
  await client.end();
  await untilClosed(server);
});

test('cancel() of a unix stream: the peer is told at its next write', async (t) => {
  const [a, b] = UnixStream.pair();
  t.after(() => {
    a.close();
    b.close();
  });
  await a.readable.cancel();
  assert.throws(() => b.tryWrite(Buffer.from('x')), { code: 'EPIPE' });
  await a.writable.close();
  await untilClosed(a);
  assert.equal(await b.read(new Uint8Array(8)), 0);
});

test('a direction that failed is over too: the socket is closed when the other one ends', async (t) => {
  await t.test('half an element was read', async (context) => {
    const { client, server } = await tcpPair(context);
    const reader = server.readable.getReader({ mode: 'byob' });
    await client.write(Buffer.from('abc'));
    await client.end();
    assert.equal((await reader.read(new Uint16Array(8))).value?.length, 1);
    await assert.rejects(reader.read(new Uint16Array(8)), TypeError);
    await server.writable.close();
    assert.ok(server.closed);
  });
  await t.test('what was written is no Uint8Array', async (context) => {
    const { client, server } = await tcpPair(context);
    const writer = server.writable.getWriter();
    await assert.rejects(writer.write('text' as unknown as Uint8Array), TypeError);
    await client.end();
    assert.deepEqual(await server.readable.getReader().read(), { done: true, value: undefined });
    assert.ok(server.closed);
  });
});

test('a buffer that is transferred while its write waits is an error of the write', async (t) => {
  const { client, server } = await tcpPair(t);
  const writer = client.writable.getWriter();
  const large = new Uint8Array(32 << 20);
  const writing = writer.write(large);
  await nextTurn();
  structuredClone(large.buffer, { transfer: [large.buffer] });
  const failed = assert.rejects(writing, { name: 'TypeError', message: /^Cannot send the rest as its memory/ });
  const into = new Uint8Array(1 << 20);
  server.onReadiness = () => {
    while ((server.tryRead(into) ?? 0) > 0);
  };
  await failed;
});

test('a buffer that is transferred while its write is queued is an error of the write', async (t) => {
  const { client, server } = await tcpPair(t);
  const writer = client.writable.getWriter();
  const first = writer.write(new Uint8Array(8 << 20));
  const queued = new Uint8Array(8);
  const second = writer.write(queued);
  structuredClone(queued.buffer, { transfer: [queued.buffer] });
  const failed = assert.rejects(second, { name: 'TypeError', message: /detached/ });
  const into = new Uint8Array(1 << 20);
  server.onReadiness = () => {
    while ((server.tryRead(into) ?? 0) > 0);
  };
  await first;
  await failed;
});

test('abort() resets the connection: the peer must not take a part for all', async (t) => {
  const { client, server } = await tcpPair(t);
  const writer = client.writable.getWriter();
  const writing = writer.write(Buffer.alloc(64 << 20));
  const failed = assert.rejects(writing);
  await nextTurn();
  await writer.abort(new Error('changed my mind'));
  await failed;
  assert.ok(client.closed);
  await assert.rejects(all(server.readable), { code: 'ECONNRESET' });
});

test('a reset is an error of the stream, and of the other one, and closes the socket', async (t) => {
  const { client, server } = await tcpPair(t);
  const reader = server.readable.getReader();
  const writer = server.writable.getWriter();
  const waiting = reader.read();
  await nextTurn();
  client.reset();
  await assert.rejects(waiting, (error) => error instanceof SystemError && error.code === 'ECONNRESET');
  await assert.rejects(writer.write(Buffer.from('x')), { code: 'EPIPE' });
  await assert.rejects(writer.closed, { code: 'EPIPE' });
  assert.ok(server.closed);
});

test('closing the socket is a ClosedError of what waits', async (t) => {
  const { client } = await tcpPair(t);
  const waiting = client.readable.getReader().read();
  await nextTurn();
  client.close();
  await assert.rejects(waiting, ClosedError);
});

test('a direction that is taken is refused to others; the other one is free', async (t) => {
  const { client, server } = await tcpPair(t);
  const { readable } = client;
  const taken = /^TypeError: Cannot .* this TcpStream as its readable has taken it/;
  assert.throws(() => client.tryRead(new Uint8Array(1)), taken);
  assert.throws(() => client.toDuplex(), taken);
  assert.throws(() => client.detach(), taken);
  assert.throws(() => client.shutdown('both'), taken);
  await client.write(Buffer.from('free'));
  client.shutdown('write');
  assert.equal(String(await all(server.readable)), 'free');
  await readable.cancel();
});

test('what is no Uint8Array is refused', async (t) => {
  const { client } = await tcpPair(t);
  const writer = client.writable.getWriter();
  const refused = /^TypeError: Cannot write as a chunk must be a Uint8Array: current value is "text"$/;
  await assert.rejects(writer.write('text' as never), refused);
  await assert.rejects(writer.closed, refused);
});
