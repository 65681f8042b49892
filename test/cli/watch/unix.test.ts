import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { test } from 'node:test';
import {
  AF_UNIX,
  close,
  connect as connectTo,
  encodeSockaddr,
  POLLIN,
  pollOne,
  recv,
  send,
  SHUT_WR,
  shutdown,
  SOCK_CLOEXEC,
  SOCK_STREAM,
  socket,
} from 'epoll-ts/sys';
import { TemporaryFolder } from '../temporaryFolder.ts';
import { runWatch, startWatch } from '../watchProcess.ts';

/** Sends, ends, and answers what came back. */
async function exchange(path: string, text: string): Promise<string> {
  const socket = connect({ path, allowHalfOpen: true });
  socket.end(text);
  let answer = '';
  for await (const piece of socket) answer += String(piece);
  return answer;
}

// Not with node:net: Node 20 pads an abstract name to the length of a path, which is another name.
function exchangeAbstract(name: string, text: string): string {
  const fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  assert.equal(connectTo(fd, encodeSockaddr({ family: AF_UNIX, path: `\0${name}` })), 0);
  assert.equal(send(fd, Buffer.from(text), 0), text.length);
  shutdown(fd, SHUT_WR);
  const buffer = Buffer.alloc(100);
  assert.notEqual(pollOne(fd, POLLIN, 30_000), 0, 'no answer');
  const count = recv(fd, buffer, 0);
  close(fd);
  return buffer.toString('utf8', 0, count);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  test(`epoll watch unix echoes, names the peer's process, and removes its path at ${signal}`, async () => {
    using folder = new TemporaryFolder();
    const path = folder.file('socket');
    using watch = startWatch(['--json', '--echo', `unix:${path}`]);
    await watch.watching();
    assert.equal(await exchange(path, 'hello'), 'hello');
    const { source, detail } = await watch.event('the text', (event) => event.detail['text'] === 'hello');
    assert.equal(source, `unix:${path}`);
    assert.equal(detail['peer'], `pid ${process.pid} uid ${process.getuid?.()}`);
    const { code } = await watch.stop(signal);
    assert.equal(existsSync(path), false);
    assert.equal(code, 0);
  });
}

test('epoll watch unix removes its path at the end of --count and --for too', async () => {
  using folder = new TemporaryFolder();
  const path = folder.file('socket');
  await runWatch(['--count', '1', `unix:${path}`, 'timer:10ms']);
  assert.equal(existsSync(path), false);
  await runWatch(['--for', '50ms', `unix:${path}`]);
  assert.equal(existsSync(path), false);
});

test('epoll watch unix:@NAME listens in the abstract namespace', async () => {
  const name = `epoll-cli-${process.pid}`;
  using watch = startWatch(['--json', '--echo', `unix:@${name}`]);
  await watch.watching();
  assert.equal(exchangeAbstract(name, 'hello'), 'hello');
  const { code, stderr } = await runWatch([`unix:@${name}`]);
  assert.match(stderr, /EADDRINUSE: bind @[^:]+: another socket has this name: choose another one/);
  assert.equal(code, 1);
});

test('epoll watch unix replaces the path of a program that was killed', async () => {
  using folder = new TemporaryFolder();
  const path = folder.file('socket');
  {
    using killed = startWatch([`unix:${path}`]);
    await killed.watching();
    await killed.stop('SIGKILL');
  }
  assert.ok(existsSync(path));
  using watch = startWatch(['--json', '--echo', `unix:${path}`]);
  await watch.watching();
  assert.equal(await exchange(path, 'hello'), 'hello');
});

test('epoll watch unix refuses the path of a program that listens, and leaves it alone', async () => {
  using folder = new TemporaryFolder();
  const path = folder.file('socket');
  const server = createServer().listen(path);
  await once(server, 'listening');
  const { code, stderr } = await runWatch([`unix:${path}`]);
  assert.match(
    stderr,
    new RegExp(`^unix:${path}: EADDRINUSE: bind ${path}: another socket has this path: choose another one$`, 'm'),
  );
  assert.equal(code, 1);
  assert.ok(existsSync(path));
  server.close();
});

test('epoll watch unix refuses a path that is no socket, and leaves it alone', async () => {
  using folder = new TemporaryFolder();
  const path = folder.file('text');
  writeFileSync(path, 'precious');
  const { code, stderr } = await runWatch([`unix:${path}`]);
  assert.match(stderr, /it exists and is no socket: choose another path$/m);
  assert.equal(code, 1);
  assert.ok(existsSync(path));
});

test('epoll watch unix does not remove what someone else put in the place of its path', async () => {
  using folder = new TemporaryFolder();
  const path = folder.file('socket');
  using watch = startWatch([`unix:${path}`]);
  await watch.watching();
  renameSync(path, folder.file('moved'));
  writeFileSync(path, 'precious');
  const { code } = await watch.stop();
  assert.ok(existsSync(path));
  assert.equal(code, 0);
});

test('epoll watch unix says what is wrong with a path in no folder', async () => {
  const { code, stderr } = await runWatch(['unix:/no/such/folder/socket']);
  assert.match(
    stderr,
    /^unix:\/no\/such\/folder\/socket: ENOENT: bind \S+: its directory does not exist: make it first$/m,
  );
  assert.equal(code, 1);
});
