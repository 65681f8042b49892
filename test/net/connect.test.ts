import assert from 'node:assert/strict';
import { isIP, type LookupFunction } from 'node:net';
import { networkInterfaces } from 'node:os';
import { test, type TestContext } from 'node:test';
import { SystemError } from 'epoll-ts';
import { TcpListener, TcpStream } from 'epoll-ts/net';
import { getsockopt, IP_BIND_ADDRESS_NO_PORT, IPPROTO_IP } from 'epoll-ts/sys';
import { inetSockaddr } from '#epoll/net/address/inetAddress.js';
import { interleaved } from '#epoll/net/address/interleaved.js';
import { heldPort } from '../support/heldPort.ts';
import { openDescriptors } from '../support/openDescriptors.ts';
import { inTime, loopTurns, settled, until } from '../support/loopTurns.ts';
import { readAll, tcpRig } from '../support/tcpRig.ts';
import { untilQueued } from '../support/untilQueued.ts';

/** A listener whose queue is full: the kernel drops what comes, so a connect to it is in progress for ever. */
async function fullListener(): Promise<{ port: number; close(): void }> {
  const listener = new TcpListener({ address: '127.0.0.1', backlog: 0 });
  const { port } = listener.localAddress;
  // The queue is full when it is longer than the backlog: one is enough.
  const queued = await TcpStream.connect({ host: '127.0.0.1', port });
  await untilQueued(port, 1);
  return { port, close: () => [queued, listener].forEach((socket) => socket.close()) };
}

test('a refused connect names the peer and says why', async (t) => {
  const port = heldPort(t);
  await assert.rejects(TcpStream.connect({ host: '127.0.0.1', port }), (error) => {
    assert.ok(error instanceof SystemError);
    assert.equal(error.message, `ECONNREFUSED: connect 127.0.0.1:${port}: nobody listens there`);
    const { code, syscall, address } = error;
    assert.deepEqual([code, syscall, address, error.port], ['ECONNREFUSED', 'connect', '127.0.0.1', port]);
    return true;
  });
  await assert.rejects(TcpStream.connect({ host: '::1', port }), (error) => {
    assert.ok(error instanceof SystemError);
    if (error.code !== 'EADDRNOTAVAIL') assert.match(error.message, /^ECONNREFUSED: connect \[::1\]:\d+: nobody/);
    return true;
  });
});

test('a name is resolved, and each of its addresses is tried', async (t) => {
  const { listener } = tcpRig(t);
  const { port } = listener.localAddress;
  // The listener has 127.0.0.1 only, whatever 'localhost' stands for besides.
  const client = await TcpStream.connect({ port });
  assert.deepEqual(client.remoteAddress, { address: '127.0.0.1', family: 'IPv4', port });
  client.close();
  await assert.rejects(TcpStream.connect({ host: 'no-such-host.invalid', port }), /ENOTFOUND|EAI_AGAIN/);
});

test('localAddress is where it connects from', async (t) => {
  const { listener } = tcpRig(t);
  const { port } = listener.localAddress;
  const client = await TcpStream.connect({ host: '127.0.0.1', port, localAddress: '127.0.0.9' });
  assert.equal(client.localAddress.address, '127.0.0.9');
  client.close();
  const elsewhere = TcpStream.connect({ host: '127.0.0.1', port, localAddress: '192.0.2.1' });
  await assert.rejects(elsewhere, { code: 'EADDRNOTAVAIL', syscall: 'bind', address: '192.0.2.1' });
});

test('a connect is given up by a timeout or a signal, and leaves no descriptor', async (t) => {
  const full = await fullListener();
  t.after(() => full.close());
  await loopTurns();
  const before = openDescriptors();
  const to = { host: '127.0.0.1', port: full.port };
  const late = TcpStream.connect({ ...to, timeoutMs: 50 });
  await assert.rejects(inTime('the timeout', late), {
    name: 'TimeoutError',
    code: 'ETIMEDOUT',
    syscall: 'connect',
    address: '127.0.0.1',
    port: full.port,
    message: `ETIMEDOUT: connect 127.0.0.1:${full.port}: it took longer than 50 ms`,
  });
  const abort = new AbortController();
  const aborted = TcpStream.connect({ ...to, signal: abort.signal });
  await loopTurns();
  abort.abort();
  await assert.rejects(inTime('the abort', aborted), { name: 'AbortError' });
  await assert.rejects(TcpStream.connect({ ...to, signal: abort.signal }), { name: 'AbortError' });
  const resolving = TcpStream.connect({ port: full.port, signal: AbortSignal.timeout(1) });
  await assert.rejects(inTime('the abort', resolving), { name: 'TimeoutError' });
  // The thread that resolves the name goes on for a while, and reads /etc/hosts.
  await until('nothing is left open', () => openDescriptors().every((line) => before.includes(line)));
});

test('wrong options are refused', async () => {
  const host = '127.0.0.1';
  for (const port of [-1, 65_536, 1.5, Number.NaN]) await assert.rejects(TcpStream.connect({ host, port }), RangeError);
  for (const bad of [
    { host: 7, port: 1 },
    { host: '', port: 1 },
    { host, port: '1' },
    { host, port: 1, noDelay: 1 },
    { port: 1, family: 5 },
    { host, port: 1, localAddress: 'localhost' },
    { host, port: 1, lookup: 'dns' },
    { hostname: host, port: 1 },
    { host },
    1,
    undefined,
  ]) {
    await assert.rejects(TcpStream.connect(bad as unknown as { port: number }), TypeError);
  }
});

const loopback6 = { address: '::1', family: 6 };
const loopback4 = { address: '127.0.0.1', family: 4 };

/** A resolver with these answers, as `dns.lookup` gives them. */
function answering(...addresses: readonly { address: string; family: number }[]): LookupFunction {
  return (_host, _options, callback) => setImmediate(callback, null, [...addresses]);
}

function sockets(): string[] {
  return openDescriptors().filter((line) => line.includes('socket:'));
}

function hasIPv6(): boolean {
  return Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === '::1'));
}

/** A listener for IPv6 at the port, whose queue is full. */
async function blackHole(t: TestContext, port: number): Promise<TcpListener> {
  const hole = new TcpListener({ address: '::1', port, backlog: 0, ipv6Only: true });
  const queued = await TcpStream.connect({ host: '::1', port });
  t.after(() => [hole, queued].forEach((socket) => socket.close()));
  await untilQueued(port, 1);
  return hole;
}

test('an address that does not answer holds up the next one for 250 ms; what is given up is closed', async (t) => {
  const { listener } = tcpRig(t);
  const { port } = listener.localAddress;
  if (!hasIPv6()) return t.skip('this kernel has no IPv6');
  await blackHole(t, port);
  const before = sockets();
  const start = performance.now();
  const to = { host: 'two.example', port, lookup: answering(loopback6, loopback4) };
  const client = await inTime('the second address', TcpStream.connect(to));
  // A timer of 250 ms may end a millisecond early.
  assert.ok(performance.now() - start > 248);
  assert.deepEqual(client.remoteAddress, { address: '127.0.0.1', family: 'IPv4', port });
  client.close();
  assert.deepEqual(sockets(), before);
});

test('the first attempt goes on while others are made, and wins when it is answered first', async (t) => {
  const { listener } = tcpRig(t, { backlog: 0 });
  const { port } = listener.localAddress;
  if (!hasIPv6()) return t.skip('this kernel has no IPv6');
  const hole = await blackHole(t, port);
  const queued = await TcpStream.connect({ host: '127.0.0.1', port });
  t.after(() => queued.close());
  const connecting = TcpStream.connect({ host: 'two.example', port, lookup: answering(loopback6, loopback4) });
  assert.equal(await settled(connecting), false);
  // The kernel asks again after a second, and then there is room.
  (await hole.accept()).close();
  const client = await inTime('the first address', connecting);
  assert.equal(client.remoteAddress?.address, '::1');
  client.close();
});

test('families are tried in turn, in the order of the resolver, at once where one fails; all failures are told', async (t) => {
  const port = heldPort(t);
  const found = ['127.0.0.2', '127.0.0.3', '127.0.0.4', '::1'].map((address) => ({ address, family: isIP(address) }));
  const failure = await TcpStream.connect({ host: 'four.example', port, lookup: answering(...found) }).catch(
    (error: unknown) => error,
  );
  assert.ok(failure instanceof SystemError && failure.cause instanceof AggregateError);
  const tried = [...(failure.cause.errors as SystemError[]), failure].map(({ address }) => address);
  assert.deepEqual(tried, ['127.0.0.2', '::1', '127.0.0.3', '127.0.0.4']);
});

test('interleaved() keeps the order within a family, and begins with that of the first', () => {
  const of = (...names: string[]) => interleaved(names.map((address) => inetSockaddr(address, 1)));
  const order = (...names: string[]) => of(...names).map(({ address }) => address);
  assert.deepEqual(order(), []);
  assert.deepEqual(order('::1', '::2', '::3', '127.0.0.1'), ['::1', '127.0.0.1', '::2', '::3']);
  assert.deepEqual(order('127.0.0.1', '::1', '::2', '::3'), ['127.0.0.1', '::1', '::2', '::3']);
  assert.deepEqual(order('127.0.0.1', '127.0.0.2', '::1', '::2'), ['127.0.0.1', '::1', '127.0.0.2', '::2']);
});

test('lookup resolves the name, as node:net has it; its error, and what it should not answer, are told', async (t) => {
  const { listener } = tcpRig(t);
  const { port } = listener.localAddress;
  const asked: unknown[] = [];
  const one: LookupFunction = (host, options, callback) => {
    asked.push(host, options);
    callback(null, '127.0.0.1', 4);
  };
  (await TcpStream.connect({ host: 'one.example', port, family: 4, lookup: one })).close();
  (await TcpStream.connect({ host: '127.0.0.1', port, lookup: one })).close();
  assert.deepEqual(asked, ['one.example', { all: true, family: 4 }], 'an address is not looked up');
  const wrong = new Error('no such name');
  const failing: LookupFunction = (_host, _options, callback) => callback(wrong, '', 0);
  await assert.rejects(TcpStream.connect({ host: 'none.example', port, lookup: failing }), wrong);
  await assert.rejects(TcpStream.connect({ host: 'none.example', port, lookup: answering() }), {
    code: 'EADDRNOTAVAIL',
  });
  const text = answering({ address: 'no address', family: 4 });
  await assert.rejects(TcpStream.connect({ host: 'odd.example', port, lookup: text }), TypeError);
});

test('a bound source address takes no port before it is known where to: as many destinations, as many ports', async (t) => {
  const { listener } = tcpRig(t);
  const { port } = listener.localAddress;
  const client = await TcpStream.connect({ host: '127.0.0.1', port, localAddress: '127.0.0.9' });
  const value = Buffer.alloc(4);
  assert.equal(getsockopt(client.fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, value), 4);
  assert.equal(value.readInt32LE(0), 1);
  client.close();
});

test('of a name only addresses of the family of localAddress are tried', async (t) => {
  const { listener } = tcpRig(t);
  const { port } = listener.localAddress;
  const families: unknown[] = [];
  const lookup: LookupFunction = (_host, options, callback) => {
    families.push(options.family);
    callback(null, [loopback4]);
  };
  const client = await TcpStream.connect({ host: 'two.example', port, localAddress: '127.0.0.9', lookup });
  assert.equal(client.localAddress.address, '127.0.0.9');
  client.close();
  assert.deepEqual(families, [4]);
});

test('linger of some seconds does not have close() wait for a peer that reads nothing; what was written arrives', async (t) => {
  const { pair } = tcpRig(t);
  const { client, server } = await pair();
  client.linger = 60;
  let written = 0;
  for (let count; (count = client.tryWrite(new Uint8Array(65_536))) !== null;) written += count;
  const start = performance.now();
  client.close();
  assert.ok(performance.now() - start < 30_000, 'close() has waited');
  assert.equal((await inTime('the end', readAll(server))).length, written);
});
