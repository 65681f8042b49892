// A socket is added to its reactor once, edge-triggered, and is not touched there again while it lives.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClosedError, Epoll, Reactor } from 'epoll-ts';
import { TcpListener, TcpStream, UnixStream } from 'epoll-ts/net';
import { EPOLLET, EPOLLIN, EPOLLOUT, EPOLLPRI, EPOLLRDHUP } from 'epoll-ts/sys';
import { readEpollEntries } from '#epoll/fd/epollEntry.js';
import { expectScript } from '../support/childScript.ts';
import { inTime, loopTurns, until } from '../support/loopTurns.ts';
import { fill, readAll, tcpRig } from '../support/tcpRig.ts';

/** The user data of a descriptor's entry: its high half counts each EPOLL_CTL_ADD and EPOLL_CTL_MOD of the reactor. */
function tokenOf(reactor: Reactor, fd: number): bigint | undefined {
  return readEpollEntries(reactor.fd).find((entry) => entry.fd === fd)?.data;
}

test('there is one EPOLL_CTL_ADD for a connection, and no EPOLL_CTL_MOD for any operation', async (t) => {
  const { reactor, pair } = tcpRig(t);
  const { client, server } = await pair();
  const into = new Uint8Array(1024);
  const echo = (async () => {
    for (let count; (count = await server.read(into)) > 0;) await server.write(into.subarray(0, count));
    await server.end();
  })();
  const back = new Uint8Array(1024);
  await client.write(Buffer.from('first'));
  await inTime('the echo', client.read(back));
  const tokens = [client, server].map(({ fd }) => tokenOf(reactor, fd));
  assert.ok(tokens.every((token) => token !== undefined));
  for (let round = 0; round < 200; round++) {
    await client.write(Buffer.from('again'));
    await client.read(back);
  }
  await client.end();
  assert.equal(await inTime('the end', client.read(back)), 0);
  await echo;
  assert.deepEqual(
    [client, server].map(({ fd }) => tokenOf(reactor, fd)),
    tokens,
  );
  const entry = readEpollEntries(reactor.fd).find(({ fd }) => fd === client.fd);
  const asked = EPOLLIN | EPOLLPRI | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  assert.equal(((entry?.events ?? 0) & asked) >>> 0, asked >>> 0);
});

test('a socket that nobody waited for is in no reactor', async (t) => {
  const { reactor, pair } = tcpRig(t);
  const { client, server } = await pair();
  client.tryWrite(Buffer.from('x'));
  server.tryRead(new Uint8Array(8));
  assert.equal(tokenOf(reactor, server.fd), undefined);
});

test('where no reactor tells of a change, each try asks the kernel', async (t) => {
  const { client, server } = await tcpRig(t).pair();
  const into = new Uint8Array(8);
  assert.equal(server.tryRead(into), null);
  client.tryWrite(Buffer.from('x'));
  await until('tryRead() sees the byte', () => server.tryRead(into) === 1);
  const sent = fill(client);
  const sink = new Uint8Array(1 << 20);
  let received = 0;
  await until('everything is read', () => (received += server.tryRead(sink) ?? 0) === sent);
  await until('tryWrite() sees the room', () => client.tryWrite(into) === 8);
});

test('when its reactor is closed, a socket forgets what the kernel has said: the next try asks again', async (t) => {
  const reactor = new Reactor();
  const [watched, peer] = UnixStream.pair({ reactor });
  t.after(() => {
    watched.close();
    peer.close();
  });
  const into = new Uint8Array(1 << 20);
  const waiting = watched.read(into);
  const refused = assert.rejects(waiting, ClosedError);
  const sent = fill(watched);
  assert.equal(watched.tryRead(into), null);
  reactor.close();
  await refused;
  peer.tryWrite(Buffer.from('xyz'));
  assert.equal(watched.tryRead(into), 3, 'it was not ready when it was asked last');
  for (let received = 0; received < sent;) received += peer.tryRead(into) ?? 0;
  assert.equal(watched.tryWrite(into.subarray(0, 8)), 8);
});

test('what arrives between EAGAIN and the wait is not lost', async (t) => {
  const { client, server } = await tcpRig(t).pair();
  const into = new Uint8Array(8);
  for (let round = 0; round < 50; round++) {
    assert.equal(server.tryRead(into), null);
    assert.equal(client.tryWrite(Buffer.from('x')), 1);
    if (round % 2 === 0) await loopTurns();
    assert.equal(await inTime('read()', server.read(into)), 1);
  }
});

test('a reader does not wake a writer for nothing, and both can wait at once', async (t) => {
  const { client, server } = await tcpRig(t).pair();
  const sent = fill(client);
  const write = client.write(Buffer.from('last')).then(() => client.end());
  const read = client.read(new Uint8Array(8));
  await server.write(Buffer.from('hi'));
  assert.equal(await inTime('read()', read), 2);
  assert.equal((await inTime('all bytes', readAll(server))).byteLength, sent + 4);
  await write;
});

test('onReadiness serves without promises: in the event loop', async (t) => {
  const { listener, connect } = tcpRig(t);
  const into = new Uint8Array(4096);
  const served: TcpStream[] = [];
  listener.onReadiness = () => {
    for (let stream; (stream = listener.tryAccept()) !== null;) serve(stream);
  };
  function serve(stream: TcpStream): void {
    served.push(stream);
    stream.onReadiness = () => {
      for (let count; (count = stream.tryRead(into)) !== null;) {
        if (count === 0) return stream.close();
        assert.equal(stream.tryWrite(into.subarray(0, count)), count);
      }
    };
  }
  const client = await connect();
  await client.write(Buffer.from('hello'));
  const back = Buffer.alloc(8);
  assert.equal(await inTime('the echo', client.read(back)), 5);
  await client.end();
  assert.equal(await inTime('the end', client.read(back)), 0);
  assert.ok(served.every(({ closed }) => closed));
  listener.onReadiness = undefined;
});

test('onReadiness serves without promises: in a thread that blocks', () => {
  const reactor = new Reactor();
  const listener = new TcpListener({ address: '127.0.0.1', reactor });
  const streams: TcpStream[] = [];
  listener.onReadiness = () => {
    for (let stream; (stream = listener.tryAccept()) !== null;) {
      const server = stream;
      streams.push(server);
      server.onReadiness = () => {
        if (server.tryRead(new Uint8Array(8)) !== null) reactor.stop();
      };
    }
  };
  const { port } = listener.localAddress;
  // Nothing but system calls: this thread never turns its event loop.
  const connected = TcpStream.connect({ host: '127.0.0.1', port, reactor }).then((client) => {
    client.tryWrite(Buffer.from('x'));
    streams.push(client);
  });
  return connected.then(() => {
    reactor.run();
    assert.equal(streams.length, 2);
    for (const { close } of [...streams, listener, reactor].map((socket) => ({ close: () => socket.close() }))) close();
  });
});

test('onReadiness is called with the true mask, and what it throws is an uncaught exception', () => {
  expectScript(
    `import { TcpListener, TcpStream, UnixStream } from 'epoll-ts/net';
     import { formatEvents } from 'epoll-ts';
     const listener = new TcpListener({ address: '127.0.0.1' });
     const client = await TcpStream.connect({ host: '127.0.0.1', port: listener.localAddress.port });
     const server = await listener.accept();
     process.on('uncaughtException', (error) => console.log(error.message));
     let calls = 0;
     server.onReadiness = (readiness) => {
       if (++calls === 1) { console.log(formatEvents(readiness)); client.close(); throw new Error('mine'); }
       console.log(formatEvents(readiness));
       server.close();
       listener.close();
     };`,
    ['EPOLLOUT', 'mine', 'EPOLLIN|EPOLLOUT|EPOLLRDHUP'],
  );
});

test('onReadiness takes a function or undefined', async (t) => {
  const { client } = await tcpRig(t).pair();
  assert.throws(() => (client.onReadiness = 7 as unknown as () => void), TypeError);
  assert.equal(client.onReadiness, undefined);
});

test('a registration in an Epoll of the program ends with the socket too', async (t) => {
  const { client } = await tcpRig(t).pair();
  using ep = new Epoll();
  ep.add(client, EPOLLIN);
  client.close();
  assert.deepEqual(ep.entries(), []);
});
