import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { test, type TestContext } from 'node:test';
import { EventFd, type FdLike, Reactor } from 'epoll-ts';
import { read } from 'epoll-ts/sys';
import { fdOf } from '#epoll/fd/fdLike.js';
import { pathIn } from '../support/closing.ts';

async function connectedSockets(t: TestContext) {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const accepted = once(server, 'connection');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [peer] = await accepted;
  t.after(() => {
    client.destroy();
    peer.destroy();
    server.close();
  });
  return { client, peer, server };
}

test('a net.Socket and a net.Server are taken where a descriptor is wanted', async (t) => {
  const { client, server, peer } = await connectedSockets(t);
  const reactor = new Reactor();
  t.after(() => reactor.close());
  if (client.connecting) await once(client, 'connect');
  const registration = reactor.register(client, { writable: true, trigger: 'oneshot' });
  assert.equal(registration.fd, fdOf(client));
  await registration.writable();
  assert.notEqual(fdOf(server), fdOf(client));
  assert.notEqual(fdOf(peer), fdOf(client));
});

test('a net.Socket that is destroyed, or not connected yet, is a clear error', async (t) => {
  const { client, peer } = await connectedSockets(t);
  const refused = {
    name: 'TypeError',
    message: "Cannot use 'target' as it must be open: current value is an object that is closed, or not open yet",
  };
  const reactor = new Reactor();
  t.after(() => reactor.close());
  client.destroy();
  assert.throws(() => reactor.register(client, { readable: true }), refused);
  const next = connect(peer.localPort ?? 0, '127.0.0.1');
  assert.throws(() => reactor.register(next, { readable: true }), refused);
  next.on('error', () => {}).destroy();
});

test('a FileHandle of a FIFO is taken where a descriptor is wanted, until it is closed', async (t) => {
  const path = pathIn(t, 'fifo');
  execFileSync('mkfifo', [path]);
  const handle = await open(path, constants.O_RDWR | constants.O_NONBLOCK);
  const reactor = new Reactor();
  t.after(() => reactor.close());
  const registration = reactor.register(handle, { readable: true });
  const readable = registration.readable();
  await handle.write('through the FIFO');
  await readable;
  const into = Buffer.alloc(64);
  assert.equal(read(handle.fd, into), 16);
  registration.close();
  await handle.close();
  assert.throws(() => reactor.register(handle, { readable: true }), /as it must be open/);
});

test('objects of ours and numbers are taken as before, and nothing else is', () => {
  const counter = new EventFd();
  assert.equal(fdOf(counter), counter.fd);
  assert.equal(fdOf(7), 7);
  for (const value of ['7', null, undefined, {}, { fd: '7' }, { _handle: { fd: '7' } }, true]) {
    assert.throws(() => fdOf(value as unknown as FdLike), TypeError);
  }
  for (const value of [-1, 1.5, 2 ** 31, { fd: -2 }]) assert.throws(() => fdOf(value), RangeError);
  counter.close();
});
