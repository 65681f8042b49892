import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClosedError } from 'epoll-ts';
import { TcpListener, TcpStream } from 'epoll-ts/net';
import {
  close,
  dup,
  EPOLLET,
  EPOLLEXCLUSIVE,
  EPOLLIN,
  getsockopt,
  setsockopt,
  SO_LINGER,
  SOL_SOCKET,
} from 'epoll-ts/sys';
import { inTime, loopTurns, settled } from '../support/loopTurns.ts';
import { tcpRig } from '../support/tcpRig.ts';
import { untilQueued } from '../support/untilQueued.ts';
import { withRoomBelow } from '../support/withRoomBelow.ts';

test('accept() waits for a connection; tryAccept() does not', async (t) => {
  const { listener, connect } = tcpRig(t);
  assert.equal(listener.tryAccept(), null);
  const accept = listener.accept();
  assert.equal(await settled(accept), false);
  const client = await connect();
  const server = await inTime('accept()', accept);
  assert.deepEqual(server.remoteAddress, client.localAddress);
  server.close();
  await connect();
  await untilQueued(listener.localAddress.port, 1);
  await inTime('untilReadable()', listener.untilReadable());
  const second = listener.tryAccept();
  assert.ok(second instanceof TcpStream);
  second.close();
  assert.equal(listener.tryAccept(), null);
});

test('untilReadable() waits for the first connection, and the first byte, also where nobody has tried before', async (t) => {
  const { listener, connect } = tcpRig(t);
  const queued = listener.untilReadable();
  assert.equal(await settled(queued), false);
  const client = await connect();
  await inTime('the connection', queued);
  const server = listener.tryAccept();
  assert.ok(server !== null);
  t.after(() => server.close());
  const readable = server.untilReadable();
  await inTime('untilWritable()', server.untilWritable());
  assert.equal(await settled(readable), false);
  client.tryWrite(Buffer.from('x'));
  await inTime('the byte', readable);
  assert.equal(server.tryRead(new Uint8Array(8)), 1);
});

test('several accepts at once get a connection each', async (t) => {
  const { listener, connect } = tcpRig(t);
  const accepts = Promise.all([1, 2, 3].map(() => listener.accept()));
  const clients = await Promise.all([1, 2, 3].map(connect));
  const servers = await inTime('three connections', accepts);
  assert.deepEqual(
    new Set(servers.map(({ remoteAddress }) => remoteAddress?.port)),
    new Set(clients.map(({ localAddress }) => localAddress.port)),
  );
  for (const server of servers) server.close();
});

test('for await takes connections until the listener is closed; leaving the loop does not close it', async (t) => {
  const { listener, connect } = tcpRig(t);
  await connect();
  for await (const server of listener) {
    server.close();
    break;
  }
  assert.equal(listener.closed, false);
  let served = 0;
  const loop = (async () => {
    for await (const server of listener) {
      server.close();
      if (++served === 3) listener.close();
    }
  })();
  await Promise.all([connect(), connect(), connect()]);
  await inTime('the loop ends', loop);
  assert.equal(served, 3);
});

test('accept() is given up by a signal, a timeout and close()', async (t) => {
  const { listener, connect } = tcpRig(t);
  await assert.rejects(inTime('the timeout', listener.accept({ timeoutMs: 1 })), { name: 'TimeoutError' });
  const abort = new AbortController();
  const aborted = listener.accept({ signal: abort.signal });
  await loopTurns();
  abort.abort();
  await assert.rejects(aborted, { name: 'AbortError' });
  await connect();
  (await inTime('accept()', listener.accept())).close();
  const closed = listener.accept();
  await loopTurns();
  listener.close();
  await assert.rejects(closed, { name: 'ClosedError', message: 'Cannot use this TcpListener as it is closed' });
  assert.throws(() => listener.tryAccept(), ClosedError);
});

test('by default it listens at every address of the machine, IPv4 and IPv6, at a free port', async (t) => {
  const listener = new TcpListener();
  t.after(() => listener.close());
  const { address, family, port } = listener.localAddress;
  if (family === 'IPv4') return t.skip('this kernel has no IPv6');
  assert.equal(address, '::');
  const client = await TcpStream.connect({ host: '127.0.0.1', port });
  const server = await inTime('accept()', listener.accept());
  assert.equal(server.remoteAddress?.address, '::ffff:127.0.0.1');
  for (const stream of [client, server]) stream.close();
});

test('ipv6Only leaves IPv4 to others', async (t) => {
  // The kernel gives such a listener a port that another process may have for IPv4: here the other is ours.
  const { listener, connect } = tcpRig(t);
  const { port } = listener.localAddress;
  assert.throws(() => new TcpListener({ address: '::', port }), { code: 'EADDRINUSE' });
  const six = new TcpListener({ address: '::', port, ipv6Only: true });
  t.after(() => six.close());
  const client = await connect();
  const server = await inTime('accept()', listener.accept());
  assert.deepEqual(server.remoteAddress, client.localAddress);
  server.close();
  assert.equal(six.tryAccept(), null);
});

test('reusePort has two listeners share a port; without it the second is EADDRINUSE, and says so', async (t) => {
  const first = new TcpListener({ address: '127.0.0.1', reusePort: true });
  const { port } = first.localAddress;
  const second = new TcpListener({ address: '127.0.0.1', port, reusePort: true });
  t.after(() => [first, second].forEach((listener) => listener.close()));
  assert.throws(() => new TcpListener({ address: '127.0.0.1', port }), {
    name: 'SystemError',
    code: 'EADDRINUSE',
    address: '127.0.0.1',
    port,
    message:
      `EADDRINUSE: bind 127.0.0.1:${port}: another socket has this port: ` +
      'choose another one, or give both reusePort',
  });
});

test('listen() resolves a name', async (t) => {
  const listener = await TcpListener.listen({ host: 'localhost', port: 0 });
  t.after(() => listener.close());
  assert.match(listener.localAddress.address, /^(?:127\.0\.0\.1|::1)$/);
  await assert.rejects(TcpListener.listen({ host: 'no-such-host.invalid', port: 0 }), /ENOTFOUND|EAI_AGAIN/);
});

test('an address that is not of this machine, or is none, is refused', () => {
  assert.throws(() => new TcpListener({ address: '192.0.2.1' }), {
    code: 'EADDRNOTAVAIL',
    message: 'EADDRNOTAVAIL: bind 192.0.2.1:0: not an address of this machine',
  });
  for (const address of ['localhost', '', '1.2.3', '::1%lo', '::1%0%7']) {
    assert.throws(() => new TcpListener({ address }), { name: 'TypeError', message: /must be an IP address/ });
  }
  assert.throws(() => new TcpListener({ address: 7 as never }), TypeError);
  for (const port of [-1, 65_536, 1.5, Number.NaN]) assert.throws(() => new TcpListener({ port }), RangeError);
  assert.throws(() => new TcpListener({ backlog: -1 }), RangeError);
  assert.throws(() => new TcpListener({ reusePort: 1 as unknown as boolean }), TypeError);
});

test('what is no option is refused: as an unknown member it would have it listen at every address', async () => {
  for (const [options, message] of [
    [{ host: '127.0.0.1' }, /^Cannot listen as 'host' is unknown/],
    [{ adress: '127.0.0.1' }, /did you mean 'address'\?$/],
    [8085, /'options' must be an object such as \{ port: 8080 \}: current value is 8085$/],
    [{ exclusive: 1 }, /'exclusive' must be a boolean/],
    [{ reactor: {} }, /'reactor' must be a Reactor/],
  ] as const) {
    assert.throws(() => new TcpListener(options as never), { name: 'TypeError', message });
  }
  await assert.rejects(TcpListener.listen({ host: 'localhost', port: 0, address: '127.0.0.1' } as never), TypeError);
  await assert.rejects(TcpListener.listen({ host: 'localhost' } as never), TypeError);
});

test('exclusive listeners stand in the kernel as EPOLLEXCLUSIVE, others do not', async (t) => {
  for (const exclusive of [true, false]) {
    const { reactor, listener } = tcpRig(t, { exclusive });
    const accept = listener.accept();
    await loopTurns();
    const [row] = reactor.snapshot().registrations;
    const wanted = EPOLLIN | EPOLLET | (exclusive ? EPOLLEXCLUSIVE : 0);
    assert.equal((row?.kernelEvents ?? 0) & (EPOLLIN | EPOLLET | EPOLLEXCLUSIVE), wanted);
    listener.close();
    await assert.rejects(accept, ClosedError);
  }
});

test('attach() takes a listening socket over, and refuses others', async (t) => {
  const { listener, connect, pair } = tcpRig(t);
  const attached = TcpListener.attach(dup(listener.fd));
  t.after(() => attached.close());
  assert.deepEqual(attached.localAddress, listener.localAddress);
  const accept = attached.accept();
  const client = await connect();
  const server = await inTime('accept()', accept);
  assert.deepEqual(server.remoteAddress, client.localAddress);
  server.close();
  const { client: connected } = await pair();
  assert.throws(() => TcpListener.attach(connected), { name: 'TypeError', message: /must be listening/ });
});

test('a number that someone else closed is EBADF of accept4, not of the call that would name it', (t) => {
  const { listener } = withRoomBelow(() => tcpRig(t));
  const { fd } = listener;
  close(fd);
  assert.throws(() => listener.tryAccept(), { name: 'SystemError', code: 'EBADF', syscall: 'accept4', fd });
  assert.throws(() => listener.close(), { code: 'EBADF', syscall: 'close' });
});

test(
  'close() of a connection switches a linger of some seconds off, whoever has set it: ' +
    'it is inherited from a listener',
  async (t) => {
    const { listener, connect } = tcpRig(t);
    const seconds = Buffer.alloc(8);
    [1, 60].forEach((value, index) => seconds.writeInt32LE(value, index * 4));
    assert.equal(setsockopt(listener.fd, SOL_SOCKET, SO_LINGER, seconds), 0);
    const attached = TcpListener.attach(dup(listener.fd));
    t.after(() => attached.close());
    await connect();
    const accepted = await inTime('accept()', attached.accept());
    assert.equal(accepted.linger, 60);
    // The first close switches it off for both, so the duplicate has it set again.
    const taken = TcpStream.attach(dup(accepted.fd));
    for (const stream of [accepted, taken]) {
      assert.equal(setsockopt(stream.fd, SOL_SOCKET, SO_LINGER, seconds), 0);
      const same = dup(stream.fd);
      stream.close();
      const now = Buffer.alloc(8);
      assert.equal(getsockopt(same, SOL_SOCKET, SO_LINGER, now), 8);
      assert.equal(now.readInt32LE(0), 0, 'close(2) would wait');
      close(same);
    }
  },
);
