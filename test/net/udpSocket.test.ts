import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { ClosedError, EventFd } from 'epoll-ts';
import { type InetAddress, TcpListener, UdpSocket } from 'epoll-ts/net';
import { POLLERR, pollOne } from 'epoll-ts/sys';
import { closing } from '../support/closing.ts';

const boundMs = 30_000;
const families = [
  ['IPv4', '127.0.0.1', 65_507],
  ['IPv6', '::1', 65_527],
] as const;

for (const [family, address, longest] of families) {
  test(`datagrams over ${family} arrive whole, with where they came from; an empty one is a datagram`, async (t) => {
    const [a, b] = pair(t, address);
    const to = b.localAddress;
    assert.deepEqual([to.address, to.family], [address, family]);
    const into = Buffer.alloc(70_000);
    assert.equal(b.tryReceive(into), null);
    assert.equal(a.trySend(Buffer.from('hello'), to), true);
    assert.deepEqual(await b.receive(into), { bytes: 5, from: a.localAddress, truncated: false });
    assert.equal(into.toString('utf8', 0, 5), 'hello');
    await a.send(new Uint8Array(0), to);
    await a.send(Buffer.from('after the empty one'), to);
    assert.equal((await b.receive(into)).bytes, 0);
    assert.equal((await b.receive(into)).bytes, 19);
    await a.send(Buffer.alloc(longest, 0x2e), to);
    assert.deepEqual(await b.receive(into), { bytes: longest, from: a.localAddress, truncated: false });
    assert.throws(() => a.trySend(Buffer.alloc(longest + 1), to), {
      code: 'EMSGSIZE',
      address,
      port: to.port,
      message: new RegExp(`at most 65507 bytes over IPv4, 65527 over IPv6, .*: this one has ${longest + 1}$`),
    });
    await b.send(Buffer.from('back'), (await sentTo(a, b)).from);
    assert.deepEqual(await a.receive(into), { bytes: 4, from: to, truncated: false });
  });
}

test('what does not fit is cut, and said to be', async (t) => {
  const [a, b] = pair(t);
  const into = Buffer.alloc(4);
  await a.send(Buffer.from('12345'), b.localAddress);
  await a.send(Buffer.from('6789'), b.localAddress);
  assert.deepEqual(await b.receive(into), { bytes: 4, from: a.localAddress, truncated: true });
  assert.equal(into.toString(), '1234');
  assert.deepEqual(await b.receive(into), { bytes: 4, from: a.localAddress, truncated: false });
  assert.equal(into.toString(), '6789');
});

test('a connected socket needs no address, hears its peer only, and is disconnected again with its port', async (t) => {
  const [a, b] = pair(t);
  const other = closing(t, new UdpSocket({ address: '127.0.0.1' }));
  const wild = closing(t, new UdpSocket());
  const { port } = wild.localAddress;
  assert.deepEqual([wild.localAddress.address, wild.remoteAddress], ['0.0.0.0', null]);
  const to = { address: '127.0.0.1', port };
  await wild.connect(b.localAddress);
  assert.deepEqual(wild.remoteAddress, b.localAddress);
  assert.deepEqual(wild.localAddress, { address: '127.0.0.1', family: 'IPv4', port });
  await other.send(Buffer.from('not heard'), to);
  await wild.send(Buffer.from('x'));
  const { from } = await b.receive(new Uint8Array(8));
  assert.equal(from.port, port);
  await b.send(Buffer.from('heard'), from);
  assert.deepEqual(await wild.receive(new Uint8Array(16)), { bytes: 5, from: b.localAddress, truncated: false });

  wild.disconnect();
  assert.deepEqual([wild.localAddress, wild.remoteAddress], [{ address: '0.0.0.0', family: 'IPv4', port }, null]);
  await a.send(Buffer.from('heard now'), to);
  assert.deepEqual(await wild.receive(new Uint8Array(16)), { bytes: 9, from: a.localAddress, truncated: false });
  assert.throws(() => wild.trySend(Buffer.from('x')), {
    code: 'EDESTADDRREQ',
    message: /: the socket is not connected: give the address, or connect first$/,
  });
});

test('nobody at the other end of a connected socket is ECONNREFUSED with its name, once; the socket goes on', async (t) => {
  const gone = new UdpSocket({ address: '127.0.0.1' });
  const peer = gone.localAddress;
  gone.close();
  const a = closing(t, new UdpSocket({ address: '127.0.0.1' }));
  await a.connect(peer);
  const refused = {
    name: 'SystemError',
    code: 'ECONNREFUSED',
    address: peer.address,
    port: peer.port,
    message: /: nobody received an earlier datagram there; the socket goes on: send again$/,
  };
  const waiting = a.receive(new Uint8Array(8), { timeoutMs: boundMs });
  await a.send(Buffer.from('x'));
  await assert.rejects(waiting, refused);
  assert.equal(a.tryReceive(new Uint8Array(8)), null);
  // The kernel answers the error of an earlier datagram to the next send too, which is not sent then.
  await a.send(Buffer.from('x'));
  assert.equal(pollOne(a.fd, POLLERR, boundMs), POLLERR);
  assert.throws(() => a.trySend(Buffer.from('y')), refused);
  assert.equal(a.trySend(Buffer.from('y')), true);
  await assert.rejects(a.receive(new Uint8Array(8), { timeoutMs: boundMs }), refused);

  const back = closing(t, new UdpSocket({ address: peer.address, port: peer.port }));
  await a.send(Buffer.from('again'));
  assert.equal((await back.receive(new Uint8Array(8))).bytes, 5);
});

test('a socket for IPv6 takes IPv4 too, as mapped addresses, unless ipv6Only', async (t) => {
  const both = closing(t, new UdpSocket({ family: 6 }));
  const a = closing(t, new UdpSocket({ address: '127.0.0.1' }));
  const { port } = both.localAddress;
  await a.send(Buffer.from('four'), { address: '127.0.0.1', port });
  const { from } = await both.receive(new Uint8Array(8));
  assert.deepEqual(from, { address: '::ffff:127.0.0.1', family: 'IPv6', port: a.localAddress.port });
  for (const to of [from, { address: '127.0.0.1', port: from.port }]) {
    await both.send(Buffer.from('six'), to);
    assert.equal((await a.receive(new Uint8Array(8))).bytes, 3);
  }
  // In this order: the kernel gives one for IPv6 only a port that another process may have for IPv4.
  const four = closing(t, new UdpSocket());
  const same = { family: 6, port: four.localAddress.port } as const;
  assert.throws(() => new UdpSocket(same), { code: 'EADDRINUSE' });
  const six = closing(t, new UdpSocket({ ...same, ipv6Only: true }));
  assert.throws(() => six.trySend(Buffer.from('x'), a.localAddress), { code: 'ENETUNREACH' });
});

test('names are resolved to addresses of the socket’s family', async (t) => {
  const [a, b] = pair(t);
  const { port } = b.localAddress;
  await a.send(Buffer.from('x'), { host: 'localhost', port });
  assert.equal((await b.receive(new Uint8Array(8))).bytes, 1);
  await a.connect({ host: 'localhost', port });
  assert.deepEqual(a.remoteAddress, b.localAddress);
  await assert.rejects(a.send(Buffer.from('x'), { host: 'name.invalid', port }), { syscall: 'getaddrinfo' });
});

test('async iteration gives each datagram with memory of its own, and ends when the socket is closed', async (t) => {
  const [a, b] = pair(t);
  for (const text of ['one', '', 'three']) await a.send(Buffer.from(text), b.localAddress);
  const got: [string, InetAddress][] = [];
  for await (const { data, from } of b) {
    got.push([Buffer.from(data).toString(), from]);
    assert.equal(data.buffer.byteLength, data.byteLength);
    if (got.length === 3) setImmediate(() => b.close());
  }
  assert.deepEqual(
    got,
    ['one', '', 'three'].map((text) => [text, a.localAddress]),
  );
});

test('10,000 datagrams go and come in turn, and a wait is given up without losing one', async (t) => {
  const [a, b] = pair(t);
  await a.connect(b.localAddress);
  await b.connect(a.localAddress);
  await assert.rejects(b.receive(new Uint8Array(8), { timeoutMs: 5 }), { name: 'TimeoutError' });
  const reason = new Error('enough');
  await assert.rejects(b.receive(new Uint8Array(8), { signal: AbortSignal.abort(reason) }), reason);
  const [into, data] = [Buffer.alloc(8), Buffer.alloc(4)];
  for (let index = 0; index < 10_000; index++) {
    data.writeUInt32LE(index);
    await a.send(data);
    await b.receive(into);
    assert.equal(into.readUInt32LE(), index);
  }
  const waiting = b.receive(into);
  b.close();
  await assert.rejects(waiting, ClosedError);
  assert.throws(() => b.tryReceive(into), ClosedError);
});

test('reusePort shares a port, and a port that is taken says so', async (t) => {
  const first = closing(t, new UdpSocket({ address: '127.0.0.1', reusePort: true }));
  const { port } = first.localAddress;
  closing(t, new UdpSocket({ address: '127.0.0.1', port, reusePort: true }));
  assert.throws(() => new UdpSocket({ address: '127.0.0.1', port }), {
    code: 'EADDRINUSE',
    message:
      `EADDRINUSE: bind 127.0.0.1:${port}: another socket has this port: ` +
      'choose another one, or give both reusePort',
  });
  assert.throws(() => new UdpSocket({ address: '192.0.2.1' }), { code: 'EADDRNOTAVAIL', address: '192.0.2.1' });
});

test('another port of the same host is another destination, and so is another host with the same port', async (t) => {
  const [a, b] = pair(t);
  const c = closing(t, new UdpSocket({ address: '127.0.0.1' }));
  const d = closing(t, new UdpSocket({ address: '127.0.0.2', port: c.localAddress.port }));
  const into = new Uint8Array(8);
  for (const [to, length] of [
    [b, 1],
    [b, 2],
    [c, 3],
    [b, 4],
    [c, 5],
    [d, 6],
    [c, 7],
  ] as const) {
    await a.send(new Uint8Array(length), to.localAddress);
    assert.equal((await to.receive(into, { timeoutMs: boundMs })).bytes, length);
  }
});

test('options are those of the kernel', (t) => {
  const socket = closing(t, new UdpSocket({ address: '127.0.0.1', reuseAddress: true }));
  socket.receiveBufferSize = 10_000;
  socket.sendBufferSize = 10_000;
  assert.deepEqual([socket.receiveBufferSize, socket.sendBufferSize], [20_000, 20_000]);
  assert.equal(socket.broadcast, false);
  assert.throws(() => socket.trySend(Buffer.from('x'), { address: '255.255.255.255', port: 9 }), {
    code: 'EACCES',
    message: /: this is a broadcast address: set broadcast$/,
  });
  socket.broadcast = true;
  assert.equal(socket.broadcast, true);
  assert.equal(closing(t, new UdpSocket({ broadcast: true })).broadcast, true);
  assert.throws(() => (socket.broadcast = 1 as never), TypeError);
});

test('a multicast group is joined and left', async (t) => {
  const socket = closing(t, new UdpSocket());
  const { multicast } = socket;
  const [group, via] = ['239.255.77.1', '127.0.0.1'];
  const to = { address: group, port: socket.localAddress.port };
  multicast.join(group, via);
  multicast.sendVia(via);
  assert.throws(() => multicast.join(group, via), {
    code: 'EADDRINUSE',
    message: /it is a member of the group already$/,
  });
  await socket.send(Buffer.from('all'), to);
  assert.equal((await socket.receive(new Uint8Array(8), { timeoutMs: boundMs })).bytes, 3);
  multicast.leave(group, via);
  assert.throws(() => multicast.leave(group, via), { code: 'EADDRNOTAVAIL' });
  assert.throws(() => multicast.join('127.0.0.1'), { code: 'EINVAL', message: /it is no multicast address/ });
  assert.throws(() => multicast.join(group, 'lo'), { name: 'TypeError' });
  assert.throws(() => multicast.join('ff02::1', via), { name: 'TypeError', message: /its zone names the interface/ });
  assert.deepEqual([multicast.hops, multicast.loopback], [1, true]);
  [multicast.hops, multicast.loopback] = [7, false];
  assert.deepEqual([multicast.hops, multicast.loopback], [7, false]);
  assert.throws(() => (multicast.hops = 256), RangeError);

  const six = closing(t, new UdpSocket({ family: 6 }));
  six.multicast.join('ff02::1234%1');
  assert.throws(() => six.multicast.join('ff02::1234%1'), { code: 'EADDRINUSE' });
  six.multicast.leave('ff02::1234%1');
  assert.throws(() => six.multicast.join('ff02::1234%99999'), { code: 'ENODEV' });
});

test('wrong arguments are refused before anything is made or sent', async (t) => {
  const [a, b] = pair(t);
  const { port } = b.localAddress;
  const data = Buffer.from('x');
  for (const options of [
    { address: 'localhost' },
    { family: 5 },
    { address: '::1', family: 4 },
    { reusePort: 1 },
    { host: '127.0.0.1' },
    5353,
  ]) {
    assert.throws(() => new UdpSocket(options as never), TypeError);
  }
  assert.throws(() => new UdpSocket({ port: 65_536 }), RangeError);
  assert.throws(() => a.trySend('x' as never, b.localAddress), TypeError);
  assert.throws(() => a.trySend(data, { address: 'localhost', port }), TypeError);
  assert.throws(() => a.trySend(data, { address: '::1', port }), { name: 'TypeError', message: /must be IPv4/ });
  assert.throws(() => a.trySend(data, { address: '127.0.0.1', port: -1 }), RangeError);
  // Not the caller's fault: whoever can send raw packets can send one from there, and an echo server answers `from`.
  assert.throws(() => a.trySend(data, { address: '127.0.0.1', port: 0 }), { name: 'SystemError', code: 'EINVAL' });
  await assert.rejects(a.connect({ address: '127.0.0.1', port: 0 }), RangeError);
  assert.throws(() => a.tryReceive(null as never), TypeError);
  await assert.rejects(a.send(data, 7 as never), TypeError);
  await assert.rejects(a.connect(null as never), TypeError);
  await assert.rejects(a.connect({ host: '', port }), TypeError);
  assert.equal(b.tryReceive(new Uint8Array(8)), null);
});

test('a socket is given away and taken over', async (t) => {
  const [a, b] = pair(t);
  await a.connect(b.localAddress);
  const own = a.localAddress;
  const taken = closing(t, UdpSocket.attach(a.detach()));
  assert.ok(a.closed);
  assert.deepEqual([taken.family, taken.localAddress, taken.remoteAddress], [4, own, b.localAddress]);
  await taken.send(Buffer.from('x'));
  assert.deepEqual((await b.receive(new Uint8Array(8))).from, own);
  assert.equal(closing(t, UdpSocket.attach(new UdpSocket({ family: 6 }))).family, 6);
  for (const other of [closing(t, new TcpListener({ address: '127.0.0.1' })), closing(t, new EventFd())]) {
    assert.throws(() => UdpSocket.attach(other), TypeError);
    assert.ok(!other.closed);
  }
});

function pair(t: TestContext, address = '127.0.0.1'): [UdpSocket, UdpSocket] {
  return [closing(t, new UdpSocket({ address })), closing(t, new UdpSocket({ address }))];
}

/** What `to` receives from `from`. */
async function sentTo(from: UdpSocket, to: UdpSocket): Promise<{ from: InetAddress }> {
  await from.send(Buffer.from('x'), to.localAddress);
  return to.receive(new Uint8Array(8));
}
