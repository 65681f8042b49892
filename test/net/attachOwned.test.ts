// What goes on owning its number would read from it, and close it one day, when it may be another file's.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { test } from 'node:test';
import { EventFd, type FdLike } from 'epoll-ts';
import { TcpListener, TcpStream, UdpSocket, UnixListener, UnixStream } from 'epoll-ts/net';
import { F_GETFD, fcntl } from 'epoll-ts/sys';

const attaches: readonly (readonly [string, (target: FdLike) => unknown])[] = [
  ['TcpStream', (target) => TcpStream.attach(target)],
  ['TcpListener', (target) => TcpListener.attach(target)],
  ['UdpSocket', (target) => UdpSocket.attach(target)],
  ['UnixStream', (target) => UnixStream.attach(target)],
  ['UnixListener', (target) => UnixListener.attach(target)],
];

for (const [name, attach] of attaches) {
  test(`${name}.attach() refuses what goes on owning its descriptor`, async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
    await once(client, 'connect');
    const file = await open('/dev/null');
    const counter = new EventFd();
    for (const target of [server, client, file, counter]) {
      assert.throws(() => attach(target), {
        name: 'TypeError',
        message:
          "Cannot take over 'target' as it must be a number, " +
          "or an object that gives its descriptor away by 'detach': " +
          'current value is an object that goes on owning it. Give a duplicate of its number (dup)',
      });
    }
    assert.ok(fcntl(counter.fd, F_GETFD) >= 0);
    counter.close();
    await file.close();
    client.destroy();
    server.close();
  });
}
