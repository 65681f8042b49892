import assert from 'node:assert/strict';
import { once } from 'node:events';
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { test } from 'node:test';
import { TcpStream } from 'epoll-ts/net';
import { EPOLLIN, EPOLLOUT, MSG_OOB, send } from 'epoll-ts/sys';
import { type JsonEvent, runWatch, startWatch } from '../watchProcess.ts';
import { untilQueued } from '../../support/untilQueued.ts';
import { untilWatched } from '../watchedEntries.ts';

/** A connection whose peer may answer after this side has ended. */
async function dial(port: number, host = '127.0.0.1'): Promise<Socket> {
  const socket = connect({ port, host, allowHalfOpen: true });
  await once(socket, 'connect');
  return socket;
}

async function textOf(socket: Socket): Promise<string> {
  let text = '';
  for await (const piece of socket) text += String(piece);
  return text;
}

/** 8 MiB that tell the index and the position everywhere. */
function numbered(index: number): Buffer {
  const bytes = Buffer.alloc(8 * 1024 * 1024);
  for (let at = 0; at < bytes.length; at += 4) bytes.writeUInt32LE(at + index, at);
  return bytes;
}

/** The events of connections, without those of the listener. */
function ofPeers(events: readonly JsonEvent[]): JsonEvent[] {
  return events.filter(({ detail }) => 'peer' in detail);
}

test('epoll watch tcp reports the accept, EPOLLIN with the text, EPOLLRDHUP with the end, and closes', async () => {
  using watch = startWatch(['--json', 'tcp:127.0.0.1:0']);
  const socket = await dial(await watch.port());
  const peer = `127.0.0.1:${socket.localPort}`;
  socket.write('hi\n');
  const text = await watch.event('the text', ({ detail }) => detail['text'] === 'hi\n');
  assert.deepEqual(
    [text.source, text.events, text.detail],
    ['tcp:127.0.0.1:0', ['EPOLLIN'], { peer, bytes: 3, text: 'hi\n' }],
  );
  socket.end();
  const end = await watch.event('the end', ({ detail }) => detail['end'] === true);
  assert.deepEqual([end.events, end.detail, end.fd], [['EPOLLIN', 'EPOLLRDHUP'], { peer, end: true }, text.fd]);
  assert.equal(await textOf(socket), '', 'without --echo nothing is sent back');
  const { code, stderr } = await watch.stop();
  assert.deepEqual(watch.events[0]?.detail, { accepted: [peer] });
  assert.match(stderr, /^ {2}tcp:127\.0\.0\.1:0 {2}3 {2}EPOLLIN 2, EPOLLIN\|EPOLLRDHUP 1$/m);
  assert.equal(code, 0);
});

for (const args of [[], ['--edge'], ['--oneshot'], ['--edge', '--oneshot']]) {
  test(`epoll watch --echo ${args.join(' ')} tcp sends back what came and closes after the peer's end`, async () => {
    using watch = startWatch(['--json', '--echo', ...args, 'tcp:127.0.0.1:0']);
    const socket = await dial(await watch.port());
    socket.write('hi\n');
    // Before the end: one that comes while the text is read would be read with it, in an event that is EPOLLIN alone.
    const text = await watch.event('the text', ({ detail }) => detail['text'] === 'hi\n');
    assert.deepEqual([text.events, text.detail['end']], [['EPOLLIN'], undefined]);
    socket.end();
    assert.equal(await textOf(socket), 'hi\n');
    // The line can come later than what the socket brings.
    const end = await watch.event('the end', ({ detail }) => detail['end'] === true);
    assert.deepEqual(end.events, ['EPOLLIN', 'EPOLLRDHUP']);
  });

  test(`epoll watch --echo ${args.join(' ')} tcp echoes 8 MiB each to two slow readers, byte by byte`, async () => {
    using watch = startWatch(['--json', '--echo', ...args, 'tcp:127.0.0.1:0']);
    const port = await watch.port();
    const clients = [await dial(port), await dial(port)].map((socket, index) => ({ socket, sent: numbered(index) }));
    for (const { socket, sent } of clients) {
      socket.pause();
      socket.end(sent);
    }
    // Only when both echoes wait for room do the readers begin: all buffers on a way are smaller than 8 MiB.
    await untilWatched(watch.pid, 'both connections are watched for EPOLLOUT alone', (entries) => {
      const waiting = entries.filter(({ events }) => (events & (EPOLLIN | EPOLLOUT)) === EPOLLOUT).map(({ fd }) => fd);
      const connections = new Set(ofPeers(watch.events).map(({ fd }) => fd));
      return connections.size === 2 && [...connections].every((fd) => waiting.includes(fd));
    });
    await Promise.all(
      clients.map(async ({ socket, sent }) => {
        const pieces: Buffer[] = [];
        for await (const piece of socket) pieces.push(piece as Buffer);
        assert.ok(Buffer.concat(pieces).equals(sent));
      }),
    );
    const ends = (): number => ofPeers(watch.events).filter(({ detail }) => detail['end'] === true).length;
    await watch.until('both ends', () => (ends() === 2 ? true : undefined));
    assert.ok(ofPeers(watch.events).some(({ events }) => events.includes('EPOLLOUT')));
  });

  test(`epoll watch ${args.join(' ')} tcp serves 200 connections at once, each reported by its peer`, async () => {
    using watch = startWatch(['--json', '--echo', ...args, 'tcp:127.0.0.1:0']);
    const port = await watch.port();
    const sockets = await Promise.all(Array.from({ length: 200 }, () => dial(port)));
    const peers = sockets.map(({ localPort }) => `127.0.0.1:${localPort}`);
    const answers = sockets.map(async (socket, index) => {
      socket.end(`number ${index}`);
      assert.equal(await textOf(socket), `number ${index}`);
    });
    await Promise.all(answers);
    const endedPeers = (): Set<unknown> =>
      new Set(ofPeers(watch.events).flatMap(({ detail }) => (detail['end'] === true ? [detail['peer']] : [])));
    await watch.until('all ends', () => (endedPeers().size === peers.length ? true : undefined));
    assert.deepEqual(endedPeers(), new Set(peers));
    const accepted = watch.events.flatMap(({ detail }) =>
      Array.isArray(detail['accepted']) ? detail['accepted'] : [],
    );
    assert.deepEqual(new Set(accepted), new Set(peers));
    const { code } = await watch.stop();
    assert.equal(code, 0);
  });
}

for (const [args, sizes] of [
  [[], [1, 1, 1, 1, 1]],
  [['--edge'], [5]],
] as const) {
  test(`epoll watch ${args.join(' ')} tcp accepts 5 waiting connections in ${sizes.length} events`, async () => {
    using watch = startWatch(['--json', ...args, 'tcp:127.0.0.1:0']);
    const port = await watch.port();
    watch.child.kill('SIGSTOP');
    // The kernel connects them.
    const sockets = await Promise.all(Array.from({ length: 5 }, () => dial(port)));
    await untilQueued(port, 5);
    watch.child.kill('SIGCONT');
    const accepted = (): number[] =>
      watch.events.flatMap(({ detail }) => (Array.isArray(detail['accepted']) ? [detail['accepted'].length] : []));
    await watch.until('all', () => (accepted().reduce((sum, size) => sum + size, 0) === 5 ? true : undefined));
    assert.deepEqual(accepted(), sizes);
    for (const socket of sockets) socket.destroy();
  });
}

test('epoll watch tcp reports a reset connection by its error, and goes on', async () => {
  using watch = startWatch(['--json', 'tcp:127.0.0.1:0']);
  const port = await watch.port();
  const socket = await dial(port);
  socket.write('x');
  await watch.event('the text', ({ detail }) => detail['text'] === 'x');
  socket.resetAndDestroy();
  const { events } = await watch.event('the reset', ({ detail }) => detail['error'] === 'ECONNRESET');
  // Not EPOLLHUP: the kernel sets the error first, and whoever asks between sees that alone (tcp_reset, tcp_poll).
  assert.ok(events.includes('EPOLLERR'));
  (await dial(port)).end('next');
  await watch.event('the next one', ({ detail }) => detail['text'] === 'next');
});

test('epoll watch --events RDHUP tcp reports only the end of its connections', async () => {
  using watch = startWatch(['--json', '--events', 'RDHUP', 'tcp:127.0.0.1:0']);
  const socket = await dial(await watch.port());
  socket.end('hello');
  const { events, detail } = await watch.event('the end', (event) => event.detail['end'] === true);
  assert.deepEqual([events, detail['text']], [['EPOLLRDHUP'], 'hello']);
  assert.equal(ofPeers(watch.events).length, 1);
});

test('epoll watch --oneshot --no-rearm tcp accepts one connection, then is silent', async () => {
  using watch = startWatch(['--json', '--oneshot', '--no-rearm', 'tcp:127.0.0.1:0', 'timer:150ms']);
  const port = await watch.port();
  const sockets = [await dial(port), await dial(port)];
  await watch.event('the accept', ({ detail }) => 'accepted' in detail);
  await watch.says(/^timer:150ms: fd \d+ is disarmed/m);
  for (const socket of sockets) socket.destroy();
  const { code } = await watch.stop();
  assert.equal(watch.events.filter(({ detail }) => 'accepted' in detail).length, 1);
  assert.equal(code, 0);
});

test('epoll watch tcp says once that there are no descriptors left, does not spin, and accepts when there is room', async (t) => {
  using watch = startWatch(['--json', '--echo', 'tcp:127.0.0.1:0']);
  const port = await watch.port();
  const limit = readdirSync(`/proc/${watch.pid}/fd`).length + 10;
  const { status } = spawnSync('prlimit', ['--pid', String(watch.pid), `--nofile=${limit}`]);
  if (status !== 0) return t.skip('no prlimit here');
  const sockets = await Promise.all(Array.from({ length: 60 }, () => dial(port)));
  const full = await watch.event('EMFILE', ({ detail }) => detail['error'] === 'EMFILE');
  assert.deepEqual(full.detail['accepted'], []);
  await untilWatched(watch.pid, 'the listener rests', (entries) => !entries.some(({ fd }) => fd === full.fd));
  const answers = sockets.map(async (socket, index) => {
    socket.end(`number ${index}`);
    assert.equal(await textOf(socket), `number ${index}`);
  });
  await Promise.all(answers);
  const refusals = watch.events.filter(({ detail }) => detail['error'] === 'EMFILE').length;
  // Once for each time that room was found and used up again: never more often than connections came.
  assert.ok(refusals <= sockets.length, `${refusals} refusals`);
});

test('epoll watch tcp refuses a busy port in one line, and goes on with the others', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const { code, stdout, stderr } = await runWatch(['--json', '--count', '1', `tcp:127.0.0.1:${port}`, 'timer:10ms']);
  server.close();
  assert.match(
    stderr,
    new RegExp(
      `^tcp:127.0.0.1:${port}: EADDRINUSE: another program has port ${port}: .*tcp:127.0.0.1:0 for a free one$`,
      'm',
    ),
  );
  assert.match(stdout, /"source":"timer:10ms"/);
  assert.equal(code, 0);
});

test('epoll watch tcp says what is wrong with an address that is not of this machine, and with an unknown host', async () => {
  const { code, stderr } = await runWatch(['tcp:192.0.2.1:0', 'tcp:no-such-host.invalid:0']);
  assert.match(stderr, /^tcp:192\.0\.2\.1:0: EADDRNOTAVAIL: bind 192\.0\.2\.1:0: not an address of this machine/m);
  assert.match(stderr, /^tcp:no-such-host\.invalid:0: getaddrinfo E\w+ no-such-host\.invalid$/m);
  assert.equal(code, 1);
});

test('epoll watch tcp:*:0 listens on every address, and shows IPv4 peers as such', async () => {
  using watch = startWatch(['--json', 'tcp:*:0']);
  const socket = await dial(await watch.port());
  const { detail } = await watch.event('the accept', (event) => 'accepted' in event.detail);
  assert.deepEqual(detail['accepted'], [`127.0.0.1:${socket.localPort}`]);
  socket.destroy();
});

test('epoll watch tcp:[::1]:0 listens on IPv6', async (t) => {
  using watch = startWatch(['--json', 'tcp:[::1]:0', 'timer:1s']);
  const found = await watch.until(
    'the start',
    () => /on \[::1\]:(\d+) for|^tcp:\[::1\]:0: (\w+)/m.exec(watch.stderr) ?? undefined,
  );
  if (found[2] !== undefined) return t.skip(`no IPv6 here: ${found[2]}`);
  const socket = await dial(Number(found[1]), '::1');
  const { detail } = await watch.event('the accept', (event) => 'accepted' in event.detail);
  assert.deepEqual(detail['accepted'], [`[::1]:${socket.localPort}`]);
  socket.destroy();
});

test('epoll watch tcp reports an urgent byte by itself, and leaves the stream as it is', async () => {
  using watch = startWatch(['--json', '--events', 'IN,PRI,RDHUP', 'tcp:127.0.0.1:0']);
  const client = await TcpStream.connect({ host: '127.0.0.1', port: await watch.port() });
  await client.write(Buffer.from('ab'));
  await watch.event('the text', ({ detail }) => detail['text'] === 'ab');
  assert.equal(send(client.fd, Buffer.from('!'), MSG_OOB), 1);
  const { events } = await watch.event('the urgent byte', ({ detail }) => detail['urgent'] === '!');
  assert.ok(events.includes('EPOLLPRI'));
  await client.write(Buffer.from('cd'));
  await watch.event('the rest', ({ detail }) => detail['text'] === 'cd');
  client.close();
  await watch.stop();
});
