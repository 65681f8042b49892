import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:fs';
import { open as openFile } from 'node:fs/promises';
import { buffer, text } from 'node:stream/consumers';
import { finished } from 'node:stream/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { test } from 'node:test';
import { EventFd, SystemError } from 'epoll-ts';
import { fdReadable, fdWritable } from 'epoll-ts/net';
import {
  AF_UNIX,
  close,
  F_GETFD,
  F_GETFL,
  fcntl,
  O_CLOEXEC,
  O_NONBLOCK,
  O_RDONLY,
  O_WRONLY,
  open,
  pipe2,
  SOCK_CLOEXEC,
  SOCK_STREAM,
  socketpair,
} from 'epoll-ts/sys';
import { BorrowedWriter } from '#epoll/net/fd/borrowedWriter.js';
import { opened, openedPair } from '../support/opened.ts';
import { ptyProcess } from '../support/ptyProcess.ts';
import { pathIn } from '../support/closing.ts';

const large = Buffer.alloc(3 << 20, 'more than any buffer holds ');

test('a FIFO takes all of it, as far as its reader reads', async (t) => {
  const path = pathIn(t, 'fifo');
  execFileSync('mkfifo', [path]);
  const reader = opened(t, open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  const writer = open(path, O_WRONLY | O_CLOEXEC);
  const stream = fdWritable(writer, { autoClose: true });
  let done = false;
  stream.end(large, () => (done = true));
  await nextTurn();
  assert.equal(done, false, 'the FIFO is full');
  assert.ok((await buffer(fdReadable(reader))).equals(large));
  assert.ok(done);
});

test('blocking pipes and sockets are written without waiting, and stay blocking for those who share them', async (t) => {
  for (const pair of [pipe2(O_CLOEXEC), socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)]) {
    const [one, two] = openedPair(t, pair);
    const stream = fdWritable(two);
    const received = buffer(fdReadable(one));
    stream.end(large);
    await finished(stream);
    assert.equal(fcntl(two, F_GETFL) & O_NONBLOCK, 0);
    assert.ok(fcntl(two, F_GETFD) >= 0, 'it is borrowed');
    close(two); // now the reader sees the end
    assert.ok((await received).equals(large));
  }
});

test('what can not be opened once more is written as far as poll(2) promises room', (t) => {
  // A pipe whose description has a flag that opening it once more would lose: here O_DIRECT, packet mode.
  const packets = constants.O_DIRECT;
  if (packets === undefined) return t.skip('this Node does not know O_DIRECT');
  const [, two] = openedPair(t, pipe2(O_CLOEXEC | packets));
  const writer = new BorrowedWriter(two);
  let total = 0;
  for (let count; (count = writer.tryWrite(large)) !== null; total += count) assert.equal(count, 4096);
  assert.ok(total > 4096, 'it was written until it was full, and this test is not blocked');
  writer.close();
});

test('a child process reads it from its stdin', async (t) => {
  const [one, two] = openedPair(t, pipe2(O_CLOEXEC));
  const child = spawn('sh', ['-c', 'cat | wc -c'], { stdio: [one, 'pipe', 'inherit'] });
  close(one);
  assert.ok(child.stdout !== null);
  const count = text(child.stdout);
  fdWritable(two, { autoClose: true }).end(large);
  assert.equal(Number(await count), large.length);
});

test('each write of an eventfd is one of the kernel', async (t) => {
  const counter = new EventFd();
  t.after(() => counter.close());
  const stream = fdWritable(counter);
  const count = Buffer.alloc(8);
  for (const value of [3n, 4n]) {
    count.writeBigUInt64LE(value);
    stream.write(Buffer.from(count));
  }
  stream.end();
  await finished(stream);
  assert.equal(counter.read(), 7n);
  stream.destroy();
});

test('a reader that has gone is an EPIPE of ours', async (t) => {
  const [one, two] = openedPair(t, pipe2(O_CLOEXEC));
  const stream = fdWritable(two);
  close(one);
  stream.write('nobody');
  const [error] = await once(stream, 'error');
  assert.ok(error instanceof SystemError);
  assert.deepEqual([error.code, error.syscall], ['EPIPE', 'write']);
});

for (const [when, before] of [
  ['while it is written', []],
  ['while it waits for another write', [large]],
] as const) {
  test(`a write whose memory is transferred away ${when} fails`, async (t) => {
    const [reader, writer] = openedPair(t, pipe2(O_CLOEXEC));
    const stream = fdWritable(writer);
    for (const chunk of before) stream.write(chunk);
    const failed = once(stream, 'error');
    const lost = new Uint8Array(3 << 20);
    stream.write(lost);
    await nextTurn();
    structuredClone(lost.buffer, { transfer: [lost.buffer] });
    const reading = fdReadable(reader).resume();
    const [error] = (await failed) as [Error];
    assert.match(error.message, /must not be transferred before it is sent|was detached/);
    reading.destroy();
  });
}

test('what can not be written so is refused, by name', async (t) => {
  const path = pathIn(t, 'file');
  const file = await openFile(path, 'w');
  t.after(() => file.close());
  assert.throws(() => fdWritable(file), { code: 'EPERM', fd: file.fd });
  const [one] = openedPair(t, pipe2(O_CLOEXEC));
  assert.throws(() => fdWritable(one), /^TypeError: Cannot write fd \d+ as it must be open for that/);
});

test('a terminal is written through a description of our own', async (t) => {
  const child = ptyProcess(`
    import { fdWritable } from 'epoll-ts/net';
    import { F_GETFL, fcntl, O_NONBLOCK } from 'epoll-ts/sys';
    fdWritable(1).end('x'.repeat(50_000) + '\\n', () => console.log('blocking ' + ((fcntl(1, F_GETFL) & O_NONBLOCK) === 0)));`);
  if (child === undefined) return t.skip('script of util-linux is not installed');
  assert.ok(child.stdout !== null);
  const seen = await text(child.stdout);
  assert.equal(seen.match(/x/g)?.length, 50_000);
  assert.match(seen, /blocking true/);
});
