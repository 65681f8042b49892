import assert from 'node:assert/strict';
import { readlinkSync } from 'node:fs';
import { test, type TestContext } from 'node:test';
import { ClosedError, EventFd } from 'epoll-ts';
import { type ReceivedFds, TcpListener, TcpStream, UdpSocket, UnixListener, UnixStream } from 'epoll-ts/net';
import { F_GETFD, fcntl, FD_CLOEXEC, MSG_NOSIGNAL, sendmsg } from 'epoll-ts/sys';
import { rightsMessage } from '#epoll/net/unix/passedFds.js';
import { expectScript } from '../support/childScript.ts';
import { closing, pathIn } from '../support/closing.ts';
import { nothingLeftOpen, openDescriptors } from '../support/openDescriptors.ts';

for (const type of ['stream', 'seqpacket'] as const) {
  test(`descriptors come with the first byte of a ${type}, close-on-exec and owned by the receiver`, async (t) => {
    const [a, b] = pair(t, type);
    const counters = [1n, 2n, 3n].map((initial) => closing(t, new EventFd({ initial })));
    assert.equal(b.tryReceiveFds(new Uint8Array(8)), null);
    assert.equal(a.trySendFds(Buffer.from('three'), counters), 5);
    const { bytes, fds } = closed(t, await b.receiveFds(new Uint8Array(8)));
    assert.equal(bytes, 5);
    for (const [index, received] of fds.entries()) {
      assert.equal(fcntl(received.fd, F_GETFD), FD_CLOEXEC);
      assert.notEqual(received.fd, counters[index]?.fd);
      const counter = closing(t, EventFd.from(received.fd));
      assert.equal(counter.read(), BigInt(index + 1), 'in the order in which they were sent');
    }
    assert.equal(counters[0]?.read(), null, 'it is the same open file');
    a.close();
    assert.deepEqual(await b.receiveFds(new Uint8Array(8)), { bytes: 0, fds: [] });
  });
}

test('bytes that were sent before and after are not mixed up with those of a sending', async (t) => {
  const [a, b] = pair(t);
  const counter = closing(t, new EventFd());
  const sent = Promise.all([
    a.write(Buffer.from('before ')),
    a.sendFds(Buffer.from('one '), [counter]),
    a.sendFds(Buffer.from('two '), [counter, counter]),
    a.write(Buffer.from('after')),
  ]);
  const got: [string, number][] = [];
  const into = Buffer.alloc(64);
  await sent;
  while (b.bytesRead < 20) {
    const { bytes, fds } = closed(t, await b.receiveFds(into));
    got.push([into.toString('utf8', 0, bytes), fds.length]);
  }
  assert.deepEqual(got, [
    ['before one ', 1],
    ['two ', 2],
    ['after', 0],
  ]);
});

test('descriptors that more bytes came with than there was room for come with the first of them, once', async (t) => {
  const [a, b] = pair(t);
  await a.sendFds(Buffer.from('long'), [closing(t, new EventFd())]);
  const got = [1, 2, 8].map((room) => closed(t, b.tryReceiveFds(new Uint8Array(room))));
  assert.deepEqual(
    got.map((received) => [received?.bytes, received?.fds.length]),
    [
      [1, 1],
      [2, 0],
      [1, 0],
    ],
  );
});

test('a read that ends exactly before a sending leaves its descriptors to the next one', async (t) => {
  const [a, b] = pair(t);
  const counter = closing(t, new EventFd());
  await a.write(Buffer.from('before'));
  await a.sendFds(Buffer.from('x'), [counter]);
  const before = openDescriptors();
  assert.deepEqual(b.tryReceiveFds(new Uint8Array(6)), { bytes: 6, fds: [] });
  nothingLeftOpen(before);
  assert.equal(closed(t, b.tryReceiveFds(new Uint8Array(6)))?.fds.length, 1);
});

test('253 descriptors travel at once, and more are refused before anything is sent', async (t) => {
  const [a, b] = pair(t);
  const counter = closing(t, new EventFd());
  const many = (count: number): EventFd[] => Array.from({ length: count }, () => counter);
  await a.sendFds(Buffer.from('x'), many(253));
  const { fds } = closed(t, await b.receiveFds(new Uint8Array(1)));
  assert.equal(new Set(fds.map(({ fd }) => fd)).size, 253);
  for (const wrong of [many(254), []]) {
    assert.throws(() => a.trySendFds(Buffer.from('x'), wrong), { name: 'RangeError', message: /1 to 253 descriptors/ });
  }
  assert.equal(b.tryReceiveFds(new Uint8Array(1)), null);
});

test('what can’t be sent is refused, and nothing is sent', async (t) => {
  const [a, b] = pair(t);
  const counter = new EventFd();
  counter.close();
  assert.throws(() => a.trySendFds(Buffer.from('x'), [counter]), ClosedError);
  assert.throws(() => a.trySendFds(Buffer.from('x'), [1 << 20]), {
    code: 'EBADF',
    message: /a descriptor among those to be sent is not open$/,
  });
  const hostile: unknown[] = [[-1], [1.5], ['1'], [null], 7, null, 'abc'];
  for (const fds of hostile) {
    assert.throws(() => a.trySendFds(Buffer.from('x'), fds as number[]), /^(?:Type|Range)Error/);
    await assert.rejects(a.sendFds(Buffer.from('x'), fds as number[]), /^(?:Type|Range)Error/);
  }
  assert.throws(() => a.trySendFds(new Uint8Array(0), [1]), { name: 'RangeError', message: /at least one byte/ });
  assert.throws(() => b.tryReceiveFds(new Uint8Array(0)), { name: 'RangeError', message: /room for a byte/ });
  assert.equal(b.tryReceiveFds(new Uint8Array(1)), null);
});

test('sendFds() waits for room, and sends all of the bytes', async (t) => {
  const [a, b] = pair(t);
  a.sendBufferSize = 1;
  const counter = closing(t, new EventFd());
  const data = Buffer.alloc(100_000, 'all the way ');
  const sent = Promise.all([a.write(data), a.sendFds(data, [counter])]);
  const parts: Buffer[] = [];
  let count = 0;
  for (let length = 0; length < 200_000;) {
    const into = Buffer.alloc(1000);
    const { bytes, fds } = closed(t, await b.receiveFds(into));
    parts.push(into.subarray(0, bytes));
    length += bytes;
    count += fds.length;
    if (fds.length > 0) assert.ok(length > 100_000, 'not before the bytes that were written first');
  }
  await sent;
  assert.ok(Buffer.concat(parts).equals(Buffer.concat([data, data])));
  assert.equal(count, 1);
});

test('a plain read of bytes with which descriptors came: the kernel closes them', async (t) => {
  const [a, b] = pair(t);
  const before = openDescriptors();
  await a.sendFds(Buffer.from('x'), [0, 1, 2]);
  assert.equal(b.tryRead(new Uint8Array(8)), 1);
  nothingLeftOpen(before);
  assert.equal(b.tryReceiveFds(new Uint8Array(8)), null);
});

test('control messages of others are not taken for descriptors', (t) => {
  const [a, b] = pair(t);
  assert.equal(sendmsg(a.fd, [Buffer.from('x')], rightsMessage([1]), MSG_NOSIGNAL), 1);
  assert.equal(closed(t, b.tryReceiveFds(new Uint8Array(8)))?.fds.length, 1);
});

test('without room for all descriptors receiving is EMFILE, loses nothing, and goes on when there is room', () => {
  expectScript(
    `import { readdirSync } from 'node:fs';
     import { EventFd } from 'epoll-ts';
     import { UnixStream } from 'epoll-ts/net';
     const [a, b] = UnixStream.pair();
     const counter = new EventFd({ initial: 7n });
     console.log(b.tryReceiveFds(new Uint8Array(16))); // the modules that are loaded late are there now
     await a.write(Buffer.from('be'));
     await a.sendFds(Buffer.from('fore'), Array(8).fill(counter));
     const filling = [];
     try { for (;;) filling.push(new EventFd()); } catch (error) { console.log(error.code); }
     for (const free of [0, 3, 7]) {
       for (const one of filling.splice(0, free)) one.close();
       try { b.tryReceiveFds(new Uint8Array(16)); }
       catch ({ code, message }) { console.log(code, /nothing was taken: close some/.test(message), b.bytesRead); }
       try { for (;;) filling.push(new EventFd()); } catch {}
     }
     const room = filling.length;
     for (const one of filling.splice(0, 8)) one.close();
     const { bytes, fds } = b.tryReceiveFds(new Uint8Array(16));
     console.log(bytes, fds.length, EventFd.from(fds[7].fd).read());
     for (const one of fds) one.close();
     try { for (;;) filling.push(new EventFd()); } catch {}
     console.log(filling.length - room);`,
    ['null', 'EMFILE', 'EMFILE true 0', 'EMFILE true 0', 'EMFILE true 0', '6 8 7n', '0'],
    { through: ['sh', '-c', 'ulimit -n 128; exec "$@"', 'sh'] },
  );
});

test('a received descriptor that is lost is closed, and the program told', () => {
  expectScript(
    `import { UnixStream } from 'epoll-ts/net';
     process.on('warning', ({ name, message }) => {
       console.log(name, /^ReceivedFd with fd \\d+ was garbage-collected/.test(message));
       a.close(); b.close();
       clearInterval(timer);
     });
     const [a, b] = UnixStream.pair();
     await a.sendFds(Buffer.from('x'), [1]);
     await (async () => void (await b.receiveFds(new Uint8Array(1))))();
     const timer = setInterval(gc, 10);`,
    ['UnclosedFdWarning true'],
    { flags: ['--expose-gc', '--no-warnings'] },
  );
});

test('each kind of socket is passed and taken over, whose object then has nothing to close', async (t) => {
  const [a, b] = pair(t);
  const path = pathIn(t, 'socket');
  const tcpListener = closing(t, new TcpListener({ address: '127.0.0.1' }));
  const unixListener = closing(t, new UnixListener({ path }));
  const udp = closing(t, new UdpSocket({ address: '127.0.0.1' }));
  const { port } = tcpListener.localAddress;
  const client = closing(t, await TcpStream.connect({ host: '127.0.0.1', port }));
  const server = closing(t, await tcpListener.accept());
  await a.sendFds(Buffer.from('x'), [server, tcpListener, unixListener, udp]);
  const { fds } = closed(t, await b.receiveFds(new Uint8Array(1)));
  const [one, two, three, four] = fds;
  assert.ok(one !== undefined && two !== undefined && three !== undefined && four !== undefined);

  const stream = closing(t, TcpStream.attach(one));
  assert.ok(one.closed && !stream.closed);
  server.close();
  await stream.write(Buffer.from('from the new owner'));
  const into = Buffer.alloc(64);
  assert.equal(into.toString('utf8', 0, await client.read(into)), 'from the new owner');
  assert.deepEqual(stream.remoteAddress, client.localAddress);

  assert.deepEqual(closing(t, TcpListener.attach(two)).localAddress, tcpListener.localAddress);
  assert.equal(closing(t, UnixListener.attach(three)).localPath, path);
  assert.deepEqual(closing(t, UdpSocket.attach(four)).localAddress, udp.localAddress);
  for (const received of fds) assert.ok(received.closed);
  for (const { fd } of [stream]) assert.match(readlinkSync(`/proc/self/fd/${fd}`), /^socket:/);
});

test('attach() of the wrong kind leaves a received descriptor with its object', async (t) => {
  const [a, b] = pair(t);
  await a.sendFds(Buffer.from('x'), [a]);
  const { fds } = closed(t, await b.receiveFds(new Uint8Array(1)));
  const [received] = fds;
  assert.ok(received !== undefined);
  for (const attach of [TcpStream.attach, TcpListener.attach, UdpSocket.attach, UnixListener.attach]) {
    assert.throws(() => attach(received), TypeError);
    assert.ok(!received.closed);
  }
});

function pair(t: TestContext, type: 'stream' | 'seqpacket' = 'stream'): [UnixStream, UnixStream] {
  const [a, b] = UnixStream.pair({ type });
  return [closing(t, a), closing(t, b)];
}

/** What was received, whose descriptors are closed when the test ends. */
function closed<T extends ReceivedFds | null>(t: TestContext, received: T): T {
  for (const fd of received?.fds ?? []) closing(t, fd);
  return received;
}
