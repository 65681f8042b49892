import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants, openSync } from 'node:fs';
import { open as openFile } from 'node:fs/promises';
import { buffer, text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { test, type TestContext } from 'node:test';
import { EventFd, SystemError } from 'epoll-ts';
import { fdReadable, UdpSocket, UnixStream } from 'epoll-ts/net';
import {
  AF_UNIX,
  close,
  F_GETFD,
  F_GETFL,
  F_SETFL,
  fcntl,
  O_CLOEXEC,
  O_NONBLOCK,
  O_RDONLY,
  O_RDWR,
  O_WRONLY,
  open,
  pipe2,
  send,
  SOCK_CLOEXEC,
  SOCK_STREAM,
  socketpair,
  write,
} from 'epoll-ts/sys';
import { opened, openedPair } from '../support/opened.ts';
import { nothingLeftOpen, openDescriptors } from '../support/openDescriptors.ts';
import { ptyProcess } from '../support/ptyProcess.ts';
import { runNode } from '../support/runNode.ts';
import { closing, pathIn } from '../support/closing.ts';

function fifo(t: TestContext): string {
  const path = pathIn(t, 'fifo');
  execFileSync('mkfifo', [path]);
  return path;
}

function nonBlocking(fd: number): boolean {
  return (fcntl(fd, F_GETFL) & O_NONBLOCK) !== 0;
}

test('a FIFO waits for its first writer, and ends with its last', async (t) => {
  const path = fifo(t);
  const reader = opened(t, open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  let ended = false;
  const received = text(fdReadable(reader)).finally(() => (ended = true));
  await delay(20);
  assert.equal(ended, false, 'nobody has opened it for writing yet');
  const writer = spawn('sh', ['-c', `echo one >'${path}'`]);
  await once(writer, 'exit');
  assert.equal(await received, 'one\n');
});

test('a FIFO whose writers have gone already ends', async (t) => {
  const path = fifo(t);
  const reader = opened(t, open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  const writer = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
  write(writer, Buffer.from('left behind'));
  close(writer);
  assert.equal(await text(fdReadable(reader)), 'left behind');
  assert.equal(await text(fdReadable(reader)), '');
});

test('a blocking descriptor stays so for those who share it', async (t) => {
  const pairs = [pipe2(O_CLOEXEC), socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)];
  for (const pair of pairs) {
    const [reader, writer] = openedPair(t, pair);
    const stream = fdReadable(reader);
    const chunk = once(stream, 'data');
    write(writer, Buffer.from('data'));
    assert.equal(String((await chunk)[0]), 'data');
    assert.equal(nonBlocking(reader), false);
    stream.destroy();
    await once(stream, 'close');
    assert.equal(nonBlocking(reader), false);
  }
});

test('a child process is read through its pipe', async (t) => {
  const [reader, writer] = openedPair(t, pipe2(O_CLOEXEC));
  const child = spawn('sh', ['-c', 'printf out; printf err >&2'], { stdio: ['ignore', writer, writer] });
  const exited = once(child, 'exit');
  const stream = fdReadable(reader);
  let received = '';
  stream.on('data', (chunk) => (received += String(chunk)));
  await exited;
  while (received.length < 6) await once(stream, 'data');
  assert.equal(received, 'outerr');
  stream.destroy();
});

test('a device that never ends is read as far as there is room, and no further', async (t) => {
  const device = opened(t, open('/dev/random', O_RDONLY | O_CLOEXEC));
  let stream;
  try {
    stream = fdReadable(device, { highWaterMark: 100_000 });
  } catch (error) {
    if (error instanceof SystemError && error.code === 'EPERM') return t.skip('/dev/random can not be polled here');
    throw error;
  }
  stream.once('readable', () => {});
  await once(stream, 'readable');
  await delay(20);
  assert.ok(stream.readableLength >= 1 && stream.readableLength < 100_000 + 65_536, `${stream.readableLength} bytes`);
  let total = 0;
  for await (const chunk of stream) {
    total += (chunk as Buffer).length;
    if (total > 1_000_000) break;
  }
  assert.ok(stream.destroyed);
});

test('a stream that never waits lets others have their turn', async (t) => {
  const [reader, writer] = openedPair(t, pipe2(O_CLOEXEC | O_NONBLOCK));
  const device = opened(t, open('/dev/random', O_RDONLY | O_CLOEXEC));
  write(writer, Buffer.from('mine'));
  const other = fdReadable(reader);
  let flood;
  try {
    flood = fdReadable(device).resume();
  } catch (error) {
    if (error instanceof SystemError && error.code === 'EPERM') return t.skip('/dev/random can not be polled here');
    throw error;
  }
  assert.equal(String((await once(other, 'data'))[0]), 'mine');
  await delay(5);
  flood.destroy();
  other.destroy();
});

test('an eventfd is read count by count', async (t) => {
  const counter = new EventFd();
  t.after(() => counter.close());
  fcntl(counter.fd, F_SETFL, 2);
  const stream = fdReadable(counter);
  const first = once(stream, 'data');
  counter.write(3n);
  assert.equal(((await first)[0] as Buffer).readBigUInt64LE(), 3n);
  assert.equal(nonBlocking(counter.fd), false);
  stream.destroy();
});

test('borrowed: what was given stays open, unless autoClose is set', async (t) => {
  const before = openDescriptors();
  const [reader, writer] = openedPair(t, pipe2(O_CLOEXEC));
  const stream = fdReadable(reader);
  stream.destroy();
  await once(stream, 'close');
  assert.ok(fcntl(reader, F_GETFD) >= 0);
  close(writer);
  await text(fdReadable(reader, { autoClose: true }));
  assert.ok(fcntl(reader, F_GETFD) < 0, 'its end closes it');
  nothingLeftOpen(before, 'and so is all that the streams had of their own');
});

test('autoClose closes a FileHandle by its own close()', async (t) => {
  const path = fifo(t);
  const handle = await openFile(path, constants.O_RDWR | constants.O_NONBLOCK);
  const closed = once(handle as unknown as NodeJS.EventEmitter, 'close');
  const stream = fdReadable(handle, { autoClose: true });
  stream.destroy();
  await closed;
  assert.equal(handle.fd, -1);
});

test('the stream goes on when the given number is closed: it has a descriptor of its own', async (t) => {
  const [reader, writer] = openedPair(t, pipe2(O_CLOEXEC));
  const stream = fdReadable(reader);
  close(reader);
  write(writer, Buffer.from('still'));
  assert.equal(String((await once(stream, 'data'))[0]), 'still');
  stream.destroy();
});

test('an empty datagram is no end', async (t) => {
  const socket = closing(t, new UdpSocket({ address: '127.0.0.1' }));
  const sender = closing(t, new UdpSocket({ address: '127.0.0.1' }));
  const stream = fdReadable(socket);
  t.after(() => stream.destroy());
  for (const part of ['', 'one', '', 'two']) await sender.send(Buffer.from(part), socket.localAddress);
  let all = '';
  for await (const chunk of stream) if ((all += String(chunk)) === 'onetwo') break;
  assert.equal(all, 'onetwo');
});

test('an empty message is no end; what comes behind it is read, and the end is told', async (t) => {
  const [one, two] = UnixStream.pair({ type: 'seqpacket' });
  for (const end of [one, two]) closing(t, end);
  // What write() refuses, others send.
  for (const part of ['', 'one', '', 'two', '']) assert.equal(send(one.fd, Buffer.from(part), 0), part.length);
  one.close();
  assert.equal(await text(fdReadable(two)), 'onetwo');
});

test('what can not be read so is refused, by name', async (t) => {
  const path = pathIn(t, 'file');
  const file = await openFile(path, 'w+');
  t.after(() => file.close());
  const [, writer] = openedPair(t, pipe2(O_CLOEXEC));
  const before = openDescriptors();
  assert.throws(
    () => fdReadable(file),
    (error) =>
      error instanceof SystemError && error.code === 'EPERM' && error.fd === file.fd && error.message.includes(path),
  );
  assert.throws(() => fdReadable(writer), /^TypeError: Cannot read fd \d+ as it must be open for that/);
  assert.throws(() => fdReadable(999_999), { code: 'EBADF' });
  assert.throws(() => fdReadable('0' as never), TypeError);
  assert.throws(() => fdReadable(0, { autoClose: 1 as never }), TypeError);
  nothingLeftOpen(before);
});

test('stdin is read through a pipe; a file as stdin is a clear error', (t) => {
  const program = `import { fdReadable } from 'epoll-ts/net';
    let all = ''; for await (const chunk of fdReadable(0)) all += chunk; console.log(all.length);`;
  const script = pathIn(t, 'empty');
  const node = `'${process.execPath}' --input-type=module --eval "$PROGRAM"`;
  const run = (command: string) =>
    runNode(
      '--eval',
      `const { spawnSync } = require('node:child_process');
       const { stdout, stderr } = spawnSync('sh', ['-c', ${JSON.stringify(command)}], { env: { ...process.env, PROGRAM: ${JSON.stringify(program)} }, encoding: 'utf8' });
       process.stdout.write(stdout); process.stderr.write(stderr);`,
    );
  assert.equal(run(`head -c 300000 /dev/zero | ${node}`).stdout, '300000\n');
  assert.match(run(`: >'${script}'; ${node} <'${script}'`).stderr, /EPERM: epoll_ctl/);
});

test('a terminal is read line by line, ends at ^D, and stays blocking for the shell', async (t) => {
  const child = ptyProcess(`
    import { fdReadable } from 'epoll-ts/net';
    import { F_GETFL, fcntl, O_NONBLOCK } from 'epoll-ts/sys';
    const stream = fdReadable(0);
    console.log('ready');
    for await (const line of stream) console.log('got ' + JSON.stringify(String(line)));
    console.log('ended ' + ((fcntl(0, F_GETFL) & O_NONBLOCK) === 0));`);
  if (child === undefined) return t.skip('script of util-linux is not installed');
  const { stdin, stdout } = child;
  assert.ok(stdin !== null && stdout !== null);
  let seen = '';
  stdout.on('data', (chunk) => (seen += String(chunk)));
  const until = async (part: string): Promise<void> => {
    while (!seen.includes(part)) await once(stdout, 'data');
  };
  await until('ready');
  stdin.write('a line\n');
  await until('got "a line\\n"');
  stdin.write('\u0004');
  await until('ended true');
  stdin.end();
});

test("a pty's master is read without opening another one, and ends with its last slave", async (t) => {
  const master = opened(t, open('/dev/ptmx', O_RDWR | O_CLOEXEC));
  const name = pseudoTerminal(master);
  if (name === undefined) return t.skip('no pseudo-terminal can be opened here');
  const slave = openSync(name, O_WRONLY | constants.O_NOCTTY);
  const stream = fdReadable(master);
  const first = once(stream, 'data');
  write(slave, Buffer.from('from the slave'));
  assert.equal(String((await first)[0]), 'from the slave');
  assert.equal(nonBlocking(master), false);
  close(slave);
  assert.equal((await buffer(stream)).length, 0);
});

// ioctl TIOCSPTLCK and TIOCGPTN (ioctl_tty(2)), which take pointers.
function pseudoTerminal(master: number): string | undefined {
  const script = `import fcntl, struct
fcntl.ioctl(3, 0x40045431, struct.pack('i', 0))
print('/dev/pts/%d' % struct.unpack('i', fcntl.ioctl(3, 0x80045430, bytes(4))))`;
  try {
    return execFileSync('python3', ['-c', script], {
      stdio: ['ignore', 'pipe', 'ignore', master],
      encoding: 'utf8',
    }).trim();
  } catch {
    return undefined;
  }
}
