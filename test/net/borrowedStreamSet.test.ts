// What another thread's StreamSet is after that thread has closed it, which is too early: a number that may be any
// file's.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { ClosedError, Epoll, EventFd } from 'epoll-ts';
import { StreamSet, TcpStream } from 'epoll-ts/net';
import { close, dup3, EPOLLET, EPOLLIN, O_CLOEXEC } from 'epoll-ts/sys';
import { startThread, messageOf } from '../support/threadScript.ts';
import { tcpPair } from '../support/tcpPair.ts';

const now = { timeoutMs: 0 };
const closedByMaker = { code: 'EBADF', message: /the set was closed by the thread that made it/ };

/**
 * Closes a set while another object borrows it, and puts an epoll instance, which watches an eventfd, under its number.
 */
function reusedNumber(t: TestContext): { borrower: StreamSet; epoll: Epoll } {
  // Before the close: it must not get the number.
  const watched = new EventFd();
  const set = new StreamSet();
  const { fd } = set;
  const borrower = StreamSet.from(fd);
  set.close();
  const epoll = new Epoll();
  t.after(() => [epoll, watched, borrower].forEach((each) => each.close()));
  // The next epoll instance of a program gets it in any case, where nothing else was closed.
  if (epoll.fd !== fd) {
    assert.equal(dup3(epoll.fd, fd, O_CLOEXEC), fd);
    t.after(() => close(fd));
  }
  epoll.add(watched, EPOLLIN | EPOLLET);
  return { borrower, epoll };
}

test('a set whose maker has closed it is EBADF for every call, and the file that has its number now is left alone', async (t) => {
  const { client, server } = await tcpPair(t);
  const { borrower, epoll } = reusedNumber(t);
  const before = epoll.entries();
  const calls = [
    () => borrower.take(),
    () => borrower.take(now),
    () => borrower.run(() => undefined),
    () => borrower.add(server),
    () => borrower.stop(),
    () => borrower.size,
  ];
  for (const call of calls) assert.throws(call, closedByMaker);
  assert.deepEqual(epoll.entries(), before);
  client.tryWrite(Buffer.from('hi'));
  assert.equal(await server.read(new Uint8Array(8)), 2, 'the stream is still its owner’s');
});

test('a thread that waits in run() is told within a slice that the set was closed', async (t) => {
  const set = new StreamSet();
  const worker = startThread(
    `
    const { StreamSet } = await import('epoll-ts/net');
    const set = StreamSet.from(workerData);
    parentPort.postMessage('ready');
    try { set.run(() => undefined); } catch ({ code }) { parentPort.postMessage(code); }`,
    set.fd,
  );
  assert.equal(await messageOf(worker), 'ready');
  const { fd } = set;
  set.close();
  using epoll = new Epoll();
  t.diagnostic(epoll.fd === fd ? 'under the number is another epoll instance' : 'the number is free');
  assert.equal(await messageOf(worker), 'EBADF');
});

test('what a closed object still holds leaves the set when it is detached', async (t) => {
  const { client, server } = await tcpPair(t);
  using set = new StreamSet();
  const borrower = StreamSet.from(set.fd);
  set.add(server);
  client.tryWrite(Buffer.from('hi'));
  const held = borrower.take();
  borrower.close();
  assert.ok(held !== null);
  assert.throws(() => held.giveBack(), ClosedError);
  assert.equal(set.size, 1);
  const stream = TcpStream.attach(held.stream);
  t.after(() => stream.close());
  assert.equal(set.size, 0);
});
