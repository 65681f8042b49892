import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import * as sys from 'epoll-ts/sys';
import { opened, openedPair } from '../support/opened.ts';

const { AF_INET, AF_INET6, AF_UNIX, SOCK_CLOEXEC, SOCK_DGRAM, SOCK_NONBLOCK, SOCK_STREAM, SockaddrBuffer } = sys;
const boundMs = 10_000;
const flags = SOCK_NONBLOCK | SOCK_CLOEXEC;

for (const [name, family, address] of [
  ['TCP over IPv4', AF_INET, '127.0.0.1'],
  ['TCP over IPv6', AF_INET6, '::1'],
] as const) {
  test(`${name} connects, accepts, carries bytes and ends`, (t) => {
    const listener = opened(t, sys.socket(family, SOCK_STREAM | flags, 0));
    const bound = sys.bind(listener, sys.encodeSockaddr({ family, address, port: 0 }));
    if (family === AF_INET6 && bound < 0) return t.skip(`::1 can't be bound: ${sys.errnoName(bound)}`);
    assert.equal(bound, 0);
    assert.equal(sys.listen(listener, sys.SOMAXCONN), 0);
    const own = nameOf(listener);
    assert.ok(own?.family === family && own.address === address && own.port > 0, JSON.stringify(own));

    const client = opened(t, sys.socket(family, SOCK_STREAM | flags, 0));
    assert.equal(sys.accept4(listener, null, 0), -sys.EAGAIN);
    assert.equal(sys.connect(client, sys.encodeSockaddr(own)), -sys.EINPROGRESS);
    assert.equal(sys.pollOne(listener, sys.POLLIN, boundMs), sys.POLLIN);
    const peer = new SockaddrBuffer();
    const server = opened(t, sys.accept4(listener, peer, flags));
    assert.deepEqual(peer.decode(), nameOf(client));
    assert.deepEqual(peerOf(client), own);
    assert.equal(sys.fcntl(server, sys.F_GETFL) & sys.O_NONBLOCK, sys.O_NONBLOCK);
    assert.equal(sys.fcntl(server, sys.F_GETFD), sys.FD_CLOEXEC);
    assert.equal(sys.pollOne(client, sys.POLLOUT, boundMs), sys.POLLOUT);
    assert.equal(intOption(client, sys.SO_ERROR), 0);

    assert.equal(sys.recv(server, new Uint8Array(8), 0), -sys.EAGAIN);
    assert.equal(sys.send(client, Buffer.from('hello'), sys.MSG_NOSIGNAL), 5);
    assert.equal(sys.pollOne(server, sys.POLLIN, boundMs), sys.POLLIN);
    assert.equal(received(server, sys.MSG_PEEK), 'hello');
    assert.equal(received(server, 0), 'hello');
    assert.equal(sys.shutdown(client, sys.SHUT_WR), 0);
    assert.equal(sys.pollOne(server, sys.POLLIN | sys.POLLRDHUP, boundMs), sys.POLLIN | sys.POLLRDHUP);
    assert.equal(sys.recv(server, new Uint8Array(8), 0), 0);
    assert.equal(sys.send(client, Buffer.from('x'), sys.MSG_NOSIGNAL), -sys.EPIPE);
  });

  test(`${name.replace('TCP', 'UDP')} tells where a datagram came from`, (t) => {
    const [a, b] = [0, 1].map(() => opened(t, sys.socket(family, SOCK_DGRAM | flags, 0))) as [number, number];
    const bound = sys.bind(a, sys.encodeSockaddr({ family, address, port: 0 }));
    if (family === AF_INET6 && bound < 0) return t.skip(`::1 can't be bound: ${sys.errnoName(bound)}`);
    assert.equal(sys.bind(b, sys.encodeSockaddr({ family, address, port: 0 })), 0);
    const [nameA, nameB] = [nameOf(a), nameOf(b)];
    assert.ok(nameA !== null && nameB !== null);
    const from = new SockaddrBuffer();
    const bytes = new Uint8Array(4);
    assert.equal(sys.recvfrom(b, bytes, 0, from), -sys.EAGAIN);
    assert.equal(from.decode(), null);
    assert.equal(sys.sendto(a, Uint8Array.of(1, 2, 3, 4, 5, 6), 0, sys.encodeSockaddr(nameB)), 6);
    assert.equal(sys.pollOne(b, sys.POLLIN, boundMs), sys.POLLIN);
    assert.equal(sys.recvfrom(b, bytes, sys.MSG_TRUNC | sys.MSG_PEEK, from), 6, 'the length that was cut');
    assert.equal(sys.recvfrom(b, bytes, 0, null), 4);
    assert.deepEqual([...bytes], [1, 2, 3, 4]);
    assert.deepEqual(from.decode(), nameA);
    assert.equal(sys.recvfrom(b, bytes, 0, from), -sys.EAGAIN);
    assert.equal(from.decode(), null, 'what came before is not the answer of a call that failed');
  });
}

test('unix sockets have paths', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'epoll-ts-unix-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'ä'.repeat((107 - folder.length - 1) >> 1)); // 107 bytes, or 106
  const client = connected(t, path);
  assert.deepEqual(peerOf(client), { family: AF_UNIX, path });
  assert.deepEqual(nameOf(client), { family: AF_UNIX, path: '' }, 'the client has no name');
  const second = opened(t, sys.socket(AF_UNIX, SOCK_STREAM, 0));
  assert.equal(sys.bind(second, sys.encodeSockaddr({ family: AF_UNIX, path })), -sys.EADDRINUSE);
});

test('unix sockets have abstract names, in which NULs count and which may fill all of the 108 bytes', (t) => {
  const unique = `epoll-ts ${process.pid} ${process.hrtime.bigint()}`;
  for (const path of [`\0${unique}`, `\0${unique}\0a\0`, `\0${unique}\0a`, `\0${unique.padEnd(107, 'x')}`]) {
    assert.deepEqual(peerOf(connected(t, path)), { family: AF_UNIX, path });
  }
});

test('an empty unix name is one that the kernel chooses', (t) => {
  const fd = opened(t, sys.socket(AF_UNIX, SOCK_DGRAM, 0));
  assert.equal(sys.bind(fd, sys.encodeSockaddr({ family: AF_UNIX, path: '' })), 0);
  const name = nameOf(fd);
  assert.ok(name?.family === AF_UNIX && /^\0[0-9a-f]{5}$/.test(String(name.path)), JSON.stringify(name));
});

test('options are read and set as numbers and as structs', (t) => {
  const fd = opened(t, sys.socket(AF_INET, SOCK_STREAM, sys.IPPROTO_TCP));
  assert.equal(intOption(fd, sys.SO_TYPE), SOCK_STREAM);
  assert.equal(intOption(fd, sys.SO_DOMAIN), AF_INET);
  assert.equal(intOption(fd, sys.SO_PROTOCOL), sys.IPPROTO_TCP);
  assert.equal(sys.setsockopt(fd, sys.SOL_SOCKET, sys.SO_REUSEADDR, 1), 0);
  assert.equal(intOption(fd, sys.SO_REUSEADDR), 1);
  assert.equal(sys.setsockopt(fd, sys.IPPROTO_TCP, sys.TCP_NODELAY, Uint8Array.of(1, 0, 0, 0)), 0);
  assert.equal(intOption(fd, sys.TCP_NODELAY, sys.IPPROTO_TCP), 1);
  const linger = Buffer.alloc(8);
  linger.writeInt32LE(1, 0);
  linger.writeInt32LE(7, 4);
  assert.equal(sys.setsockopt(fd, sys.SOL_SOCKET, sys.SO_LINGER, linger), 0);
  const room = Buffer.alloc(32, 0xee);
  assert.equal(sys.getsockopt(fd, sys.SOL_SOCKET, sys.SO_LINGER, room), 8, 'the length that the kernel wrote');
  assert.deepEqual(room.subarray(0, 8), linger);
  assert.equal(room[8], 0xee);
  assert.equal(sys.getsockopt(fd, sys.SOL_SOCKET, sys.SO_TYPE, new Uint8Array(0)), 0);
  assert.equal(sys.setsockopt(fd, sys.SOL_SOCKET, sys.SO_REUSEADDR, new Uint8Array(2)), -sys.EINVAL);
  assert.equal(sys.setsockopt(fd, sys.SOL_SOCKET, 9999, 1), -sys.ENOPROTOOPT);
});

test('the credentials of a peer are read', (t) => {
  const [a] = openedPair(t, sys.socketpair(AF_UNIX, SOCK_STREAM, 0));
  const ucred = Buffer.alloc(12);
  assert.equal(sys.getsockopt(a, sys.SOL_SOCKET, sys.SO_PEERCRED, ucred), 12);
  assert.deepEqual(
    [0, 4, 8].map((at) => ucred.readInt32LE(at)),
    [process.pid, process.getuid?.(), process.getgid?.()],
  );
});

test('out-of-band data is POLLPRI', (t) => {
  const { client, server } = tcpPair(t);
  assert.equal(sys.send(client, Uint8Array.of(0x21), sys.MSG_OOB), 1);
  assert.equal(sys.pollOne(server, sys.POLLPRI, boundMs), sys.POLLPRI);
  const bytes = new Uint8Array(1);
  assert.equal(sys.recv(server, bytes, sys.MSG_OOB), 1);
  assert.equal(bytes[0], 0x21);
});

test('what the kernel refuses', (t) => {
  const tcp = opened(t, sys.socket(AF_INET, SOCK_STREAM | flags, 0));
  const unix = opened(t, sys.socket(AF_UNIX, SOCK_STREAM, 0));
  const eventfd = opened(t, sys.eventfd(0, 0));
  const name = new SockaddrBuffer();
  assert.equal(sys.socket(99, SOCK_STREAM, 0), -sys.EAFNOSUPPORT);
  assert.equal(sys.socket(AF_INET, 99, 0), -sys.EINVAL);
  assert.equal(sys.socket(AF_INET, SOCK_STREAM, sys.IPPROTO_UDP), -sys.EPROTONOSUPPORT);
  assert.equal(sys.getpeername(tcp, name), -sys.ENOTCONN);
  assert.equal(name.decode(), null);
  assert.equal(sys.bind(tcp, new Uint8Array(0)), -sys.EINVAL);
  assert.equal(
    sys.bind(tcp, sys.encodeSockaddr({ family: AF_INET, address: '192.0.2.1', port: 0 })),
    -sys.EADDRNOTAVAIL,
  );
  assert.equal(sys.connect(unix, sys.encodeSockaddr({ family: AF_UNIX, path: '/absent/socket' })), -sys.ENOENT);
  assert.equal(
    sys.connect(unix, sys.encodeSockaddr({ family: AF_UNIX, path: `\0absent ${process.pid}` })),
    -sys.ECONNREFUSED,
  );
  assert.equal(sys.send(tcp, Uint8Array.of(1), sys.MSG_NOSIGNAL), -sys.EPIPE);
  assert.equal(sys.shutdown(tcp, sys.SHUT_RDWR), -sys.ENOTCONN);
  assert.equal(sys.shutdown(unix, 99), -sys.EINVAL);
  assert.equal(sys.accept4(unix, null, 0), -sys.EINVAL, 'it does not listen');
  for (const call of [
    () => sys.listen(eventfd, 1),
    () => sys.accept4(eventfd, name, 0),
    () => sys.getsockname(eventfd, name),
    () => sys.recv(eventfd, new Uint8Array(1), 0),
  ]) {
    assert.equal(call(), -sys.ENOTSOCK);
  }
});

test('a connection that is refused says so in SO_ERROR', (t) => {
  const closed = opened(t, sys.socket(AF_INET, SOCK_STREAM, 0));
  assert.equal(sys.bind(closed, sys.encodeSockaddr({ family: AF_INET, address: '127.0.0.1', port: 0 })), 0);
  const name = nameOf(closed); // bound, and not listening
  assert.ok(name !== null);
  const client = opened(t, sys.socket(AF_INET, SOCK_STREAM | flags, 0));
  assert.equal(sys.connect(client, sys.encodeSockaddr(name)), -sys.EINPROGRESS);
  assert.notEqual(sys.pollOne(client, sys.POLLOUT, boundMs) & sys.POLLERR, 0);
  assert.equal(intOption(client, sys.SO_ERROR), sys.ECONNREFUSED);
});

/** A client that is connected to a listener of that name. */
function connected(t: TestContext, path: string): number {
  const listener = opened(t, sys.socket(AF_UNIX, SOCK_STREAM | flags, 0));
  assert.equal(sys.bind(listener, sys.encodeSockaddr({ family: AF_UNIX, path })), 0);
  assert.equal(sys.listen(listener, 1), 0);
  assert.deepEqual(nameOf(listener), { family: AF_UNIX, path });
  const client = opened(t, sys.socket(AF_UNIX, SOCK_STREAM | flags, 0));
  assert.equal(sys.connect(client, sys.encodeSockaddr({ family: AF_UNIX, path })), 0);
  opened(t, sys.accept4(listener, null, SOCK_CLOEXEC));
  return client;
}

function tcpPair(t: TestContext): { client: number; server: number } {
  const listener = opened(t, sys.socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  assert.equal(sys.bind(listener, sys.encodeSockaddr({ family: AF_INET, address: '127.0.0.1', port: 0 })), 0);
  assert.equal(sys.listen(listener, 1), 0);
  const name = nameOf(listener);
  assert.ok(name !== null);
  const client = opened(t, sys.socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  assert.equal(sys.connect(client, sys.encodeSockaddr(name)), 0);
  return { client, server: opened(t, sys.accept4(listener, null, SOCK_CLOEXEC)) };
}

function nameOf(fd: number): sys.Sockaddr | null {
  const name = new SockaddrBuffer();
  assert.equal(sys.getsockname(fd, name), 0);
  return name.decode();
}

function peerOf(fd: number): sys.Sockaddr | null {
  const name = new SockaddrBuffer();
  assert.equal(sys.getpeername(fd, name), 0);
  return name.decode();
}

function intOption(fd: number, option: number, level: number = sys.SOL_SOCKET): number {
  const value = Buffer.alloc(4);
  assert.equal(sys.getsockopt(fd, level, option, value), 4);
  return value.readInt32LE(0);
}

function received(fd: number, how: number): string {
  const bytes = Buffer.alloc(64);
  const length = sys.recv(fd, bytes, how);
  assert.ok(length >= 0, sys.errnoName(length));
  return bytes.toString('utf8', 0, length);
}
