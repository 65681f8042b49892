// What a connection carries, and how its ends end.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { ClosedError, EventFd, SystemError } from 'epoll-ts';
import { TcpStream } from 'epoll-ts/net';
import { close, dup, F_GETFD, F_GETFL, fcntl, FD_CLOEXEC, O_NONBLOCK, socketpair } from 'epoll-ts/sys';
import { inTime, loopTurns, settled, until } from '../support/loopTurns.ts';
import { openedPair } from '../support/opened.ts';
import { fill, fixBuffers, readAll, tcpRig } from '../support/tcpRig.ts';
import { withRoomBelow } from '../support/withRoomBelow.ts';

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

test('connect() and accept() give two ends that name each other, close-on-exec and non-blocking', async (t) => {
  const { client, server } = await tcpRig(t).pair();
  assert.deepEqual(client.remoteAddress, server.localAddress);
  assert.deepEqual(server.remoteAddress, client.localAddress);
  for (const { fd } of [client, server]) {
    assert.equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
    assert.equal(fcntl(fd, F_GETFL) & O_NONBLOCK, O_NONBLOCK);
  }
});

test('tryRead() answers null where it would wait, then the bytes, then 0 at the end', async (t) => {
  const { client, server } = await tcpRig(t).pair();
  const into = Buffer.alloc(3);
  assert.equal(server.tryRead(into), null);
  assert.equal(client.tryWrite(Buffer.from('hello')), 5);
  await inTime('untilReadable()', server.untilReadable());
  assert.equal(server.tryRead(into), 3);
  assert.equal(text(into), 'hel');
  assert.equal(server.tryRead(into), 2);
  assert.equal(server.tryRead(into), null);
  client.close();
  await inTime('untilReadable()', server.untilReadable());
  assert.equal(server.tryRead(into), 0);
  assert.equal(server.tryRead(into), 0, 'and the end stays');
  assert.deepEqual([client.bytesWritten, server.bytesRead], [5, 5]);
});

test('tryReadv() and tryWritev() take several buffers in order', async (t) => {
  const { client, server } = await tcpRig(t).pair();
  assert.equal(client.tryWritev(['one', '', 'two', 'three'].map((part) => Buffer.from(part))), 11);
  await inTime('untilReadable()', server.untilReadable());
  const into = [Buffer.alloc(2), Buffer.alloc(0), Buffer.alloc(20)];
  assert.equal(server.tryReadv(into), 11);
  assert.equal(text(Buffer.concat(into).subarray(0, 11)), 'onetwothree');
  assert.equal(server.tryReadv(into), null);
});

test('tryWrite() takes a part, then answers null; untilWritable() resolves when the peer has read', async (t) => {
  const { client, server } = await tcpRig(t).pair();
  fixBuffers({ from: client, to: server });
  const sent = fill(client);
  assert.ok(sent > 0);
  const writable = client.untilWritable();
  assert.equal(await settled(writable), false);
  let received = 0;
  const into = new Uint8Array(1 << 20);
  while (received < sent) received += await inTime('read()', server.read(into));
  await inTime('untilWritable()', writable);
  assert.equal(client.tryWrite(new Uint8Array(10)), 10);
});

test('write() sends all of it to a reader that is slower than the sender', async (t) => {
  const { client, server } = await tcpRig(t).pair();
  const data = randomBytes(8 << 20);
  const written = client.write(data).then(() => client.end());
  assert.equal(await settled(written), false, 'the socket does not take that much at once');
  const received = await inTime('all bytes', readAll(server));
  await inTime('write()', written);
  assert.ok(received.equals(data), 'every byte, in order');
  assert.equal(client.bytesWritten, data.byteLength);
});

test('writes that are asked for at once go one after another, and end() comes after them', async (t) => {
  const { client, server } = await tcpRig(t).pair();
  const parts = ['a', 'b', 'c', 'd'].map((letter) => Buffer.alloc(3 << 20, letter));
  const written = Promise.all([...parts.map((part) => client.write(part)), client.end()]);
  const received = await inTime('all bytes', readAll(server));
  await inTime('the writes', written);
  assert.ok(received.equals(Buffer.concat(parts)), 'no write was mixed with another');
});

test('writev() takes more buffers than one call of the kernel does, and empty ones', async (t) => {
  const { client, server } = await tcpRig(t).pair();
  const parts = Array.from({ length: 5000 }, (_, index) => Buffer.from(index % 7 === 0 ? '' : `${index},`));
  const written = client.writev(parts).then(() => client.end());
  const received = await inTime('all bytes', readAll(server));
  await inTime('writev()', written);
  assert.equal(text(received), text(Buffer.concat(parts)));
  await client.writev([]);
  await client.write(new Uint8Array(0));
});

test('end() is a half-close: the other direction goes on, either way', async (t) => {
  const rig = tcpRig(t);
  for (const turn of [0, 1]) {
    const { client, server } = await rig.pair();
    const [first, second] = turn === 0 ? [client, server] : [server, client];
    await first.write(Buffer.from('question'));
    await first.end();
    await first.end();
    assert.equal(text(await inTime('the question', readAll(second))), 'question');
    await loopTurns();
    const answer = randomBytes(4 << 20);
    const written = second.write(answer).then(() => second.end());
    assert.ok((await inTime('the answer', readAll(first))).equals(answer));
    await inTime('the answer is written', written);
    assert.throws(() => first.tryWrite(Buffer.from('x')), { name: 'SystemError', code: 'EPIPE' });
  }
});

test("shutdown('read') ends reading here, and 'both' ends everything", async (t) => {
  const { client, server } = await tcpRig(t).pair();
  client.shutdown('read');
  assert.equal(await inTime('read()', client.read(new Uint8Array(1))), 0);
  server.shutdown('both');
  assert.equal(await inTime('read()', server.read(new Uint8Array(1))), 0);
  assert.throws(() => server.tryWrite(Buffer.from('x')), { code: 'EPIPE', syscall: 'send' });
  const unknown = 'down' as unknown as 'both';
  assert.throws(() => client.shutdown(unknown), {
    name: 'TypeError',
    message: `Cannot shut down as 'direction' must be one of read, write, both: current value is "down"`,
  });
});

test('reset() and linger 0 have the peer see ECONNRESET, with the address', async (t) => {
  const rig = tcpRig(t);
  for (const reset of [(stream: TcpStream) => stream.reset(), (stream: TcpStream) => void (stream.linger = 0)]) {
    const { client, server } = await rig.pair();
    const { port = 0 } = server.remoteAddress ?? {};
    const read = server.read(new Uint8Array(8));
    reset(client);
    client.close();
    await assert.rejects(inTime('read()', read), (error) => {
      assert.ok(error instanceof SystemError);
      const { code, syscall, address } = error;
      assert.deepEqual([code, syscall, address, error.port], ['ECONNRESET', 'recv', '127.0.0.1', port]);
      assert.match(error.message, /^ECONNRESET: recv 127\.0\.0\.1:\d+: the peer has reset the connection/);
      return true;
    });
  }
});

test('a write after the peer has closed is EPIPE or ECONNRESET, and raises no SIGPIPE', async (t) => {
  const { client, server } = await tcpRig(t).pair();
  server.close();
  const writes = async (): Promise<void> => {
    for (;;) await client.write(new Uint8Array(1024));
  };
  await assert.rejects(inTime('an error', writes()), { name: 'SystemError', code: /^(?:EPIPE|ECONNRESET)$/ });
});

test('close() rejects what waits with ClosedError, and everything after it throws one', async (t) => {
  const { client, server } = await tcpRig(t).pair();
  fixBuffers({ from: client, to: server });
  fill(client);
  const waits = [client.read(new Uint8Array(1)), client.write(new Uint8Array(1)), client.untilWritable()];
  await loopTurns();
  client.close();
  client.close();
  const closed = { name: 'ClosedError', message: 'Cannot use this TcpStream as it is closed' };
  for (const wait of waits) await assert.rejects(inTime<unknown>('the wait', wait), closed);
  for (const use of [
    () => client.tryRead(new Uint8Array(1)),
    () => client.tryWrite(new Uint8Array(1)),
    () => client.shutdown(),
    () => client.localAddress,
    () => client.noDelay,
    () => client.detach(),
    () => (client.onReadiness = () => {}),
  ]) {
    assert.throws(use, closed);
  }
  for (const use of [
    () => client.read(new Uint8Array(1)),
    () => client.write(new Uint8Array(1)),
    () => client.write(new Uint8Array(0)),
    () => client.end(),
    () => client.untilReadable(),
  ]) {
    await assert.rejects(use, closed);
  }
  assert.ok(client.remoteAddress !== null, 'the peer can still be named');
  server.close();
});

test('closing the reactor rejects what waits', async (t) => {
  const rig = tcpRig(t);
  const { client } = await rig.pair();
  const read = client.read(new Uint8Array(1));
  const accept = rig.listener.accept();
  await loopTurns();
  rig.reactor.close();
  for (const wait of [read, accept]) await assert.rejects(inTime<unknown>('the wait', wait), ClosedError);
});

test('an abort or a timeout gives a read up, and nothing is lost', async (t) => {
  const { client, server } = await tcpRig(t).pair();
  const into = new Uint8Array(8);
  const abort = new AbortController();
  const aborted = server.read(into, { signal: abort.signal });
  await loopTurns();
  abort.abort(new Error('enough'));
  await assert.rejects(aborted, { message: 'enough' });
  await assert.rejects(server.read(into, { signal: abort.signal }), { message: 'enough' });
  await assert.rejects(inTime('the timeout', server.read(into, { timeoutMs: 1 })), { name: 'TimeoutError' });
  await client.write(Buffer.from('still here'));
  assert.equal(await inTime('read()', server.read(into, { timeoutMs: 60_000 })), 8);
  assert.equal(server.tryRead(into), 2);
});

test('a write that is given up says how far it came, and the next one begins after it', async (t) => {
  const { client, server } = await tcpRig(t).pair();
  const abort = new AbortController();
  const write = client.write(Buffer.alloc(32 << 20, 'x'), { signal: abort.signal });
  const next = client.write(Buffer.from('next'));
  await until('the socket is full', () => client.bytesWritten > 0);
  assert.equal(await settled(write), false);
  abort.abort();
  await assert.rejects(write, { name: 'AbortError' });
  const came = client.bytesWritten;
  const ended = next.then(() => client.end());
  const received = await inTime('all bytes', readAll(server));
  await inTime('the next write', ended);
  assert.equal(received.byteLength, came + 4);
  assert.equal(text(received.subarray(came)), 'next');
});

test('detach() gives the connection away without losing a byte, and attach() takes it', async (t) => {
  const { reactor, pair } = tcpRig(t);
  const { client, server } = await pair();
  const pending = server.read(new Uint8Array(1));
  await client.write(Buffer.from('before'));
  assert.equal(await inTime('read()', pending), 1);
  const waiting = client.read(new Uint8Array(1));
  await loopTurns();
  const fds = [client, server].map((stream) => stream.detach());
  await assert.rejects(waiting, ClosedError);
  const registered = reactor.snapshot().registrations.map(({ fd }) => fd);
  assert.ok(!fds.some((fd) => registered.includes(fd)), 'they have left the reactor');
  const [client2, server2] = fds.map((fd) => TcpStream.attach(fd, { reactor }));
  assert.ok(client2 !== undefined && server2 !== undefined);
  t.after(() => [client2, server2].forEach((stream) => stream.close()));
  const into = Buffer.alloc(16);
  assert.equal(await inTime('read()', server2.read(into)), 5);
  assert.equal(text(into.subarray(0, 5)), 'efore');
  await server2.write(Buffer.from('answer'));
  assert.equal(await inTime('read()', client2.read(into)), 6);
  assert.deepEqual(client2.remoteAddress, server2.localAddress);
});

test('attach() refuses what is no TCP connection, and leaves it open', (t) => {
  using counter = new EventFd();
  const [unix] = openedPair(t, socketpair(1, 1, 0));
  assert.throws(() => TcpStream.attach(unix), {
    name: 'TypeError',
    message: /^Cannot use fd \d+ as a TcpStream as it must be one: current file is a socket of family 1 and type 1$/,
  });
  assert.throws(() => TcpStream.attach(counter.fd), { name: 'TypeError', message: /current file is no socket$/ });
  assert.throws(() => TcpStream.attach(0x7fff_ffff), { name: 'SystemError', code: 'EBADF' });
  assert.throws(() => TcpStream.attach({ fd: '1' } as unknown as number), TypeError);
  assert.equal(fcntl(unix, F_GETFD), 0, 'it is as it was');
});

test('arguments of the wrong kind are refused before they reach C', async (t) => {
  const { client } = await tcpRig(t).pair();
  const bad: unknown[] = [undefined, null, 'text', 7, {}, [], new ArrayBuffer(8), new Uint16Array(4)];
  for (const wrong of bad as Uint8Array[]) {
    assert.throws(() => client.tryRead(wrong), TypeError);
    assert.throws(() => client.tryWrite(wrong), TypeError);
    assert.throws(() => client.tryWritev([wrong]), TypeError);
    assert.throws(() => client.tryReadv([wrong]), TypeError);
    await assert.rejects(client.read(wrong), TypeError);
    // Text goes as UTF-8.
    if (typeof wrong !== 'string') await assert.rejects(client.write(wrong), TypeError);
  }
  assert.throws(() => client.tryRead(new Uint8Array(0)), RangeError);
  assert.throws(() => client.tryReadv([new Uint8Array(0)]), RangeError);
  assert.throws(() => client.tryWritev('text' as unknown as Uint8Array[]), TypeError);
  for (const timeoutMs of [Number.NaN, -1]) {
    await assert.rejects(client.read(new Uint8Array(1), { timeoutMs }), RangeError);
  }
  const timeoutMs = '5' as unknown as number;
  await assert.rejects(client.read(new Uint8Array(1), { timeoutMs }), TypeError);
});

test('a number that someone else closed is EBADF, and the object is closed all the same', async (t) => {
  const pair = await tcpRig(t).pair();
  const client = withRoomBelow(() => TcpStream.attach(dup(pair.client.fd)));
  const { fd } = client;
  close(fd);
  assert.throws(() => client.tryWrite(Buffer.from('x')), { name: 'SystemError', code: 'EBADF', fd });
  assert.throws(() => client.close(), { name: 'SystemError', code: 'EBADF', syscall: 'close' });
  assert.equal(client.closed, true);
});
