import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SystemError } from 'epoll-ts';
import { TcpListener, TcpStream } from 'epoll-ts/net';
import { heldPort } from '../support/heldPort.ts';
import { openDescriptors } from '../support/openDescriptors.ts';
import { inTime, loopTurns, until } from '../support/loopTurns.ts';
import { tcpRig } from '../support/tcpRig.ts';
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
  ]) {
    await assert.rejects(TcpStream.connect(bad as unknown as { port: number }), TypeError);
  }
});
