import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { UnixStream } from 'epoll-ts/net';
import { closing } from '../support/closing.ts';

test('each read gives one message, however it was written', async (t) => {
  const [a, b] = pair(t);
  assert.equal(a.tryWrite(Buffer.from('one')), 3);
  assert.equal(a.tryWritev([Buffer.from('t'), Buffer.from('wo')]), 3);
  await a.write(Buffer.from('three'));
  await a.writev([Buffer.from('fo'), new Uint8Array(0), Buffer.from('ur')]);
  assert.deepEqual(
    [await message(b), await message(b), await message(b), await message(b)],
    ['one', 'two', 'three', 'four'],
  );
  assert.equal(b.tryRead(new Uint8Array(8)), null);
  a.close();
  assert.equal(await b.read(new Uint8Array(8)), 0, 'the end');
});

test('a message that does not fit is EMSGSIZE with both sizes, and stays whole', async (t) => {
  const [a, b] = pair(t);
  await a.write(Buffer.from('0123456789'));
  await a.write(Buffer.from('next'));
  const tooSmall = {
    code: 'EMSGSIZE',
    syscall: 'recv',
    message: /: the message has 10 bytes, and there is room for 9: receive it into a larger buffer$/,
  };
  assert.throws(() => b.tryRead(new Uint8Array(9)), tooSmall);
  assert.throws(() => b.tryReadv([new Uint8Array(4), new Uint8Array(5)]), tooSmall);
  assert.throws(() => b.tryReceiveFds(new Uint8Array(9)), tooSmall);
  await assert.rejects(b.read(new Uint8Array(9)), tooSmall);
  assert.equal(b.bytesRead, 0);
  const into = [Buffer.alloc(4), Buffer.alloc(6)] as const;
  assert.equal(b.tryReadv(into), 10);
  assert.equal(Buffer.concat(into).toString(), '0123456789');
  assert.equal(await message(b), 'next');
});

test('an empty message is refused: it would look like the end', async (t) => {
  const [a, b] = pair(t);
  const refused = { name: 'RangeError', message: /must not be empty: the receiver would take it for the end$/ };
  assert.throws(() => a.tryWrite(new Uint8Array(0)), refused);
  assert.throws(() => a.tryWritev([]), refused);
  await assert.rejects(a.write(new Uint8Array(0)), refused);
  await assert.rejects(a.writev([new Uint8Array(0)]), refused);
  await assert.rejects(a.writev(Array.from({ length: 1025 }, () => Buffer.from('x'))), {
    name: 'RangeError',
    message: /at most 1024 buffers: current length is 1025$/,
  });
  assert.throws(() => a.tryWrite('x' as never), TypeError);
  await assert.rejects(a.writev('x' as never), TypeError);
  assert.equal(b.tryRead(new Uint8Array(8)), null, 'nothing was sent');
});

test('a message longer than the send buffer is EMSGSIZE, and sends nothing', (t) => {
  const [a, b] = pair(t);
  assert.throws(() => a.tryWrite(new Uint8Array(a.sendBufferSize)), {
    code: 'EMSGSIZE',
    message: /: a message must fit into the send buffer, of \d+ bytes: raise sendBufferSize, or send less at once$/,
  });
  assert.equal(b.tryRead(new Uint8Array(8)), null);
  assert.equal(a.bytesWritten, 0);
});

test('messages wait for room one after another, and none is torn', async (t) => {
  const [a, b] = pair(t);
  a.sendBufferSize = 1;
  const count = 2000;
  const sent = Promise.all(
    Array.from({ length: count }, (_, index) => a.write(Buffer.alloc(1 + (index % 700), index & 0xff))),
  );
  const into = new Uint8Array(1024);
  for (let index = 0; index < count; index++) {
    assert.equal(await b.read(into), 1 + (index % 700));
    assert.deepEqual([into[0], into[index % 700]], [index & 0xff, index & 0xff]);
  }
  await sent;
});

function pair(t: TestContext): [UnixStream, UnixStream] {
  const [a, b] = UnixStream.pair({ type: 'seqpacket' });
  return [closing(t, a), closing(t, b)];
}

async function message(stream: UnixStream): Promise<string> {
  const into = Buffer.alloc(64);
  return into.toString('utf8', 0, await stream.read(into));
}
