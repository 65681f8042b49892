// What console.log shows of each object: nothing that it has to take from the kernel for it.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { Epoll, EventFd, Inotify, OwnedFd, PidFd, Pipe, Reactor, SignalFd, TimerFd } from 'epoll-ts';
import { TcpListener, TcpStream, UdpSocket, UnixListener, UnixStream } from 'epoll-ts/net';
import { dup, EPOLLIN, IN_CREATE } from 'epoll-ts/sys';

// Numbers of descriptors are any.
const shown = (object: object): string =>
  inspect(object)
    .replace(/fd: \d+/g, 'fd: N')
    .replaceAll(/\s+/g, ' ');

test('an EventFd shows its count, and keeps it', () => {
  using counter = new EventFd({ initial: 19 });
  assert.equal(shown(counter), 'EventFd { fd: N, count: 19n }');
  assert.equal(counter.read(), 19n);
});

test('a TimerFd shows how long it has left, and its expirations stay to be read', () => {
  using timer = new TimerFd();
  assert.equal(shown(timer), 'TimerFd { fd: N, remaining: 0n }');
  timer.set({ afterMs: 3_600_000 });
  assert.match(shown(timer), /^TimerFd { fd: N, remaining: \d{13}n }$/);
});

test('a SignalFd, a PidFd, an Inotify and a Pipe show what they are about', (t) => {
  using signals = new SignalFd(['SIGHUP', 'SIGRTMIN+1'], { directed: 'thread' });
  assert.equal(shown(signals), "SignalFd { fd: N, signals: [ 'SIGHUP', 'SIGRTMIN+1' ] }");
  using own = new PidFd(process.pid);
  assert.equal(shown(own), `PidFd { fd: N, pid: ${process.pid}, exited: false }`);
  const folder = mkdtempSync(join(tmpdir(), 'inspectable-'));
  t.after(() => rmSync(folder, { recursive: true }));
  using inotify = new Inotify();
  inotify.watch(folder, IN_CREATE);
  assert.equal(shown(inotify), `Inotify { fd: N, watches: [ '${folder}' ] }`);
  using pipe = new Pipe();
  assert.equal(shown(pipe), 'Pipe { reader: PipeReader { fd: N }, writer: PipeWriter { fd: N } }');
});

test('an Epoll, a Reactor, a Registration and a Waker show how they stand', () => {
  using ep = new Epoll();
  using counter = new EventFd();
  ep.add(counter, EPOLLIN);
  assert.equal(shown(ep), 'Epoll { fd: N, entries: 1 }');
  using reactor = new Reactor();
  assert.equal(shown(reactor), 'Reactor { fd: N, registrations: 0, attached: false }');
  using registration = reactor.register(counter, { readable: true, trigger: 'oneshot' }, () => undefined);
  assert.equal(shown(registration), "Registration { fd: N, events: 'EPOLLIN|EPOLLONESHOT', armed: true }");
  assert.equal(shown(reactor), 'Reactor { fd: N, registrations: 1, attached: true }');
  using waker = reactor.waker();
  assert.equal(shown(waker), 'Waker { fd: N }');
  registration.close();
  assert.match(shown(registration), /^Registration { fd: N, events: .*, armed: false, closed: true }$/);
});

test('sockets show their addresses', async () => {
  using listener = new TcpListener({ address: '127.0.0.1' });
  const { port } = listener.localAddress;
  assert.equal(shown(listener), `TcpListener { fd: N, local: '127.0.0.1:${port}' }`);
  using client = await TcpStream.connect({ host: '127.0.0.1', port });
  const local = `127.0.0.1:${client.localAddress.port}`;
  assert.equal(shown(client), `TcpStream { fd: N, local: '${local}', remote: '127.0.0.1:${port}' }`);
  using udp = new UdpSocket({ address: '::1' });
  assert.equal(shown(udp), `UdpSocket { fd: N, local: '[::1]:${udp.localAddress.port}', remote: null }`);
  const path = `\0inspectable ${process.pid}`;
  using unix = new UnixListener({ path });
  assert.equal(shown(unix), `UnixListener { fd: N, type: 'stream', local: ${inspect(path)} }`);
  using stream = await UnixStream.connect({ path });
  assert.equal(shown(stream), `UnixStream { fd: N, type: 'stream', local: null, remote: ${inspect(path)} }`);
});

test('a closed object says so', async () => {
  using listener = new TcpListener({ address: '127.0.0.1' });
  const client = await TcpStream.connect({ host: '127.0.0.1', port: listener.localAddress.port });
  for (const object of [new EventFd(), new TimerFd(), new Inotify(), new Epoll(), new Reactor(), client]) {
    object.close();
    assert.match(shown(object), new RegExp(`^${object.constructor.name} { .*closed: true }$`));
    assert.doesNotMatch(shown(object), /fd:/);
  }
});

test('a class of a program is shown by its name; depth and colors are kept', () => {
  class Device extends OwnedFd {
    constructor() {
      using counter = new EventFd();
      super(dup(counter.fd));
    }
  }
  using device = new Device();
  assert.equal(shown(device), 'Device { fd: N }');
  assert.equal(inspect({ device }, { depth: 0 }), '{ device: [Device] }');
  assert.ok(inspect(device, { colors: true }).includes(`\u001B[33m${device.fd}\u001B[39m`));
});

test('printing never throws', () => {
  for (const type of [EventFd, TimerFd, Reactor, TcpStream, UdpSocket]) {
    assert.equal(typeof inspect(type.prototype), 'string');
    assert.equal(typeof inspect(Object.create(type.prototype)), 'string');
  }
});
