import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { test, type TestContext } from 'node:test';
import { ClosedError, EventFd, Reactor } from 'epoll-ts';
import { UnixListener, UnixStream } from 'epoll-ts/net';
import { close } from 'epoll-ts/sys';
import { closing, pathIn } from '../support/closing.ts';
import { withRoomBelow } from '../support/withRoomBelow.ts';
import { nothingLeftOpen, openDescriptors } from '../support/openDescriptors.ts';

test('bytes go both ways, and each direction ends by itself', async (t) => {
  const [a, b] = pair(t);
  assert.equal(a.tryRead(new Uint8Array(1)), null);
  assert.equal(a.tryWrite(Buffer.from('there')), 5);
  assert.equal(await text(b, 5), 'there');
  await a.end();
  assert.equal(await b.read(new Uint8Array(1)), 0, 'the end of one direction');
  assert.equal(b.tryWritev([Buffer.from('and '), Buffer.from('back')]), 8);
  const into = [Buffer.alloc(4), Buffer.alloc(8)] as const;
  assert.equal(a.tryReadv(into), 8);
  assert.equal(Buffer.concat(into).toString('utf8', 0, 8), 'and back');
  assert.throws(() => a.tryWrite(Buffer.from('x')), { code: 'EPIPE' });
  b.close();
  assert.equal(await a.read(new Uint8Array(1)), 0);
});

test('8 MiB arrive as they were sent through a buffer of 32 KiB', async (t) => {
  const path = pathIn(t, 'socket');
  const listener = closing(t, new UnixListener({ path }));
  const client = closing(t, await UnixStream.connect({ path }));
  const server = closing(t, await listener.accept());
  client.sendBufferSize = 16_384;
  assert.equal(client.sendBufferSize, 32_768);
  const sent = randomBytes(8 << 20);
  const written = client.write(sent).then(() => client.end());
  const hash = createHash('sha256');
  const into = new Uint8Array(50_000);
  for (let count; (count = await server.read(into)) > 0;) hash.update(into.subarray(0, count));
  await written;
  assert.equal(hash.digest('hex'), createHash('sha256').update(sent).digest('hex'));
  assert.deepEqual([client.bytesWritten, server.bytesRead], [sent.length, sent.length]);
});

test('a peer that closes without reading resets the connection', async (t) => {
  const [a, b] = pair(t);
  assert.equal(a.tryWrite(Buffer.from('unread')), 6);
  const waiting = a.read(new Uint8Array(8));
  b.close();
  await assert.rejects(waiting, { code: 'ECONNRESET' });
  assert.equal(a.tryRead(new Uint8Array(8)), 0);
});

test('the credentials of a peer are those of the process', async (t) => {
  const path = pathIn(t, 'socket');
  const listener = closing(t, new UnixListener({ path }));
  const client = closing(t, await UnixStream.connect({ path }));
  const server = closing(t, await listener.accept());
  const own = { pid: process.pid, uid: process.getuid?.(), gid: process.getgid?.() };
  for (const stream of [client, server, ...pair(t)]) assert.deepEqual(stream.peerCredentials, own);
  server.close();
  assert.throws(() => server.peerCredentials, ClosedError);
});

for (const type of ['stream', 'seqpacket'] as const) {
  test(`connect() of a ${type} goes on as soon as a full queue has room`, async (t) => {
    const path = pathIn(t, 'socket');
    const listener = closing(t, new UnixListener({ path, type, backlog: 0 }));
    const queued = closing(t, await UnixStream.connect({ path, type }));
    const waiting = UnixStream.connect({ path, type, timeoutMs: 30_000 });
    const before = openDescriptors();
    await assert.rejects(UnixStream.connect({ path, type, timeoutMs: 20 }), { name: 'TimeoutError' });
    const reason = new Error('enough');
    const controller = new AbortController();
    const aborted = UnixStream.connect({ path, type, signal: controller.signal });
    controller.abort(reason);
    await assert.rejects(aborted, reason);
    nothingLeftOpen(before);
    const first = closing(t, await listener.accept());
    const second = closing(t, await waiting);
    const third = closing(t, await listener.accept());
    await queued.write(Buffer.from('1'));
    await second.write(Buffer.from('2'));
    assert.deepEqual([await text(first, 1), await text(third, 1)], ['1', '2']);
  });
}

test('connect() says what is wrong with a path, and leaves nothing open', async (t) => {
  const path = pathIn(t, 'socket');
  closing(t, new UnixListener({ path, type: 'seqpacket' }));
  const before = openDescriptors();
  await assert.rejects(UnixStream.connect({ path: `${path}x` }), {
    code: 'ENOENT',
    syscall: 'connect',
    path: `${path}x`,
    message: `ENOENT: connect ${path}x: there is no such socket file`,
  });
  await assert.rejects(UnixStream.connect({ path }), {
    code: 'EPROTOTYPE',
    message: `EPROTOTYPE: connect ${path}: it is a unix socket of another type: 'stream' and 'seqpacket' do not mix`,
  });
  await assert.rejects(UnixStream.connect({ path: '\0nobody there' }), { code: 'ECONNREFUSED', path: '@nobody there' });
  await assert.rejects(UnixStream.connect({ path: '' }), { name: 'RangeError' });
  await assert.rejects(UnixStream.connect({ path: 'x'.repeat(200) }), { name: 'RangeError' });
  await assert.rejects(UnixStream.connect({ path, type: 'dgram' as never }), { name: 'TypeError' });
  await assert.rejects(UnixStream.connect({ path, timeoutMs: -1 }), { name: 'RangeError' });
  nothingLeftOpen(before);
});

test('a stream can be given away and taken over without losing a byte', async (t) => {
  const [a, b] = pair(t);
  await a.write(Buffer.from('before'));
  assert.equal(await text(b, 2), 'be');
  const taken = closing(t, UnixStream.attach(b.detach()));
  assert.ok(b.closed);
  assert.equal(await text(taken, 4), 'fore');
  const again = closing(t, UnixStream.attach(taken));
  assert.ok(taken.closed, 'an object that owns the descriptor gives it away');
  await a.write(Buffer.from('after'));
  assert.equal(await text(again, 5), 'after');
  assert.throws(() => UnixStream.attach(1 << 20), { code: 'EBADF' });
  const counter = closing(t, new EventFd());
  assert.throws(() => UnixStream.attach(counter.fd), { name: 'TypeError', message: /: current file is no socket$/ });
  assert.ok(!counter.closed);
});

test('a stream works in the reactor that it is given', async (t) => {
  const reactor = closing(t, new Reactor());
  const [a, b] = UnixStream.pair({ reactor }).map((stream) => closing(t, stream)) as [UnixStream, UnixStream];
  const waiting = a.read(new Uint8Array(4));
  assert.deepEqual(
    reactor.snapshot().registrations.map(({ fd }) => fd),
    [a.fd],
  );
  await b.write(Buffer.from('x'));
  assert.equal(await waiting, 1);
});

function pair(t: TestContext): [UnixStream, UnixStream] {
  const [a, b] = UnixStream.pair();
  return [closing(t, a), closing(t, b)];
}

async function text(stream: UnixStream, length: number): Promise<string> {
  const into = Buffer.alloc(length);
  for (let filled = 0; filled < length;) filled += await stream.read(into.subarray(filled));
  return into.toString();
}

test('a number that someone else closed is EBADF of recv, not of the call that would name it', () => {
  const [one, other] = withRoomBelow(() => UnixStream.pair());
  const { fd } = one;
  close(fd);
  assert.throws(() => one.tryRead(new Uint8Array(1)), { name: 'SystemError', code: 'EBADF', syscall: 'recv', fd });
  assert.throws(() => one.close(), { code: 'EBADF', syscall: 'close' });
  other.close();
});
