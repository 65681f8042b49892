// A view that is used again goes to C as the address that was found the time before. Here C does write there.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { AF_UNIX, close, EAGAIN, MSG_DONTWAIT, recv, send, SOCK_STREAM, socketpair } from 'epoll-ts/sys';
import { ResizableBuffer } from '../support/resizableBuffer.ts';

function pair(t: TestContext): [number, number] {
  const fds = socketpair(AF_UNIX, SOCK_STREAM, 0);
  assert.ok(typeof fds !== 'number');
  t.after(() => fds.forEach((fd) => close(fd)));
  return fds;
}

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');
const sent = (fd: number, words: string): void => assert.equal(send(fd, Buffer.from(words), 0), words.length);

test('the same view is filled and sent over and over, wherever the garbage collector moves what it can', (t) => {
  const [a, b] = pair(t);
  // Up to 64 bytes V8 makes a typed array within its own heap, and moves it.
  for (const length of [8, 64, 65, 4096]) {
    const view = new Uint8Array(length);
    const kept: Uint8Array[] = [];
    for (let round = 0; round < 2000; round++) {
      const word = String(10_000_000 + round);
      sent(a, word);
      assert.equal(recv(b, view, 0), 8);
      assert.equal(text(view.subarray(0, 8)), word);
      assert.equal(send(b, view, 0, 8), 8);
      assert.equal(send(b, view, 0, 0), 0);
      const back = new Uint8Array(8);
      assert.equal(recv(a, back, 0), 8);
      assert.equal(text(back), word);
      kept[round % 500] = back;
    }
  }
});

test('views that take turns, and views of one buffer, each get their own bytes', (t) => {
  const [a, b] = pair(t);
  const buffer = new Uint8Array(16);
  const views = [buffer.subarray(0, 4), buffer.subarray(4, 8), new Uint8Array(4)];
  for (const order of [
    [0, 1, 2],
    [0, 0, 1, 1, 2, 2],
    [2, 1, 1, 1, 0, 2],
  ]) {
    for (const [index, which] of order.entries()) {
      const view = views[which] ?? buffer;
      sent(a, `ab${which}${index}`);
      assert.equal(recv(b, view, 0), 4);
      assert.equal(text(view), `ab${which}${index}`);
    }
  }
  assert.deepEqual(buffer.subarray(8), new Uint8Array(8), 'nothing was written beyond them');
});

test('a view whose memory was transferred away is refused, however often it was used before', (t) => {
  const [a, b] = pair(t);
  for (const call of [recv, send]) {
    const view = new Uint8Array(4096);
    sent(a, 'onetwo');
    for (let round = 0; round < 2; round++) assert.equal(recv(b, view, 0, 3), 3);
    assert.equal(text(view.subarray(0, 3)), 'two');
    sent(a, 'new');
    const moved = structuredClone(view, { transfer: [view.buffer] });
    assert.throws(() => call(b, view, 0), TypeError);
    assert.equal(text(moved.subarray(0, 3)), 'two');
    assert.equal(recv(b, moved, 0), 3);
  }
});

test('a view whose buffer shrinks is filled as far as it reaches now', (t) => {
  const [a, b] = pair(t);
  const buffer = new ResizableBuffer(65_536, { maxByteLength: 131_072 });
  const view = new Uint8Array(buffer);
  for (const [length, got] of [
    [65_536, 5],
    [65_536, 5],
    [4, 4],
    [131_072, 1],
  ] as const) {
    buffer.resize(length);
    if (got === 5 || got === 4) sent(a, 'bytes');
    assert.equal(recv(b, view, 0), got);
  }
  buffer.resize(0);
  sent(a, 'x');
  assert.equal(recv(b, view, MSG_DONTWAIT), 0, 'there is no room');
  buffer.resize(8);
  assert.equal(recv(b, view, 0), 1);
  assert.equal(recv(b, view, MSG_DONTWAIT), -EAGAIN);
});

test('a length is at most that of the buffer', (t) => {
  const [a, b] = pair(t);
  const view = new Uint8Array(8);
  for (const call of [recv, send]) {
    for (const length of [9, -1, 1.5])
      assert.throws(() => call(a, view, 0, length), { name: 'RangeError', message: /'len'/ });
    assert.throws(() => call(a, view, 0, '1' as unknown as number), TypeError);
  }
  sent(a, 'onetwo');
  assert.equal(recv(b, view, 0, 3), 3);
  assert.equal(text(view), 'one\0\0\0\0\0');
});
