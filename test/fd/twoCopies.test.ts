// Two dependencies of a program can bring a copy of this package each: their classes differ, and their objects respect
// each other.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type * as Core from 'epoll-ts';
import { Epoll, EventFd, OwnedFd, Reactor } from 'epoll-ts';
import type * as Net from 'epoll-ts/net';
import { TcpListener, TcpStream } from 'epoll-ts/net';
import { EPOLLIN, EpollEventBuffer } from 'epoll-ts/sys';
import { patchedPackage } from '../support/patchedPackage.ts';

const copy = patchedPackage([]);
after(() => copy[Symbol.dispose]());
const other = (await import(`${copy.root}/dist/index.js`)) as typeof Core;
const otherNet = (await import(`${copy.root}/dist/net/index.js`)) as typeof Net;

test('they are two copies', () => {
  assert.notEqual(other.EventFd, EventFd);
  using theirs = new other.EventFd();
  assert.equal(theirs instanceof OwnedFd, false);
});

test("a registration of the other copy's object ends when that is closed", () => {
  using reactor = new Reactor();
  const theirs = new other.EventFd();
  const registration = reactor.register(theirs, { readable: true }, () => undefined);
  theirs.close();
  assert.equal(registration.closed, true);
  assert.deepEqual(reactor.snapshot().registrations, []);
});

test("and the other copy's reactor lets go of ours", () => {
  using reactor = new other.Reactor();
  const ours = new EventFd();
  const registration = reactor.register(ours, { readable: true }, () => undefined);
  ours.close();
  assert.equal(registration.closed, true);
});

test("an Epoll lets go of the other copy's object before that is closed, though a duplicate stays open", () => {
  using ep = new Epoll();
  const theirs = new other.EventFd({ initial: 1n });
  using duplicate = other.EventFd.from(theirs);
  ep.add(theirs, EPOLLIN);
  theirs.close();
  assert.equal(duplicate.closed, false);
  assert.deepEqual(ep.entries(), []);
  assert.equal(ep.wait(new EpollEventBuffer(1), { timeoutMs: 0 }), 0);
});

test("attach() takes a descriptor from the other copy's stream, which is closed by that", async () => {
  using listener = new TcpListener({ address: '127.0.0.1' });
  const theirs = await otherNet.TcpStream.connect({ host: '127.0.0.1', port: listener.localAddress.port });
  using ours = TcpStream.attach(theirs);
  assert.equal(theirs.closed, true);
  using server = await listener.accept();
  await server.write(Buffer.from('hi'));
  assert.equal(await ours.read(new Uint8Array(8)), 2);
});
