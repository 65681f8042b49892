// A read of TCP that gives less than there was room for has taken all: the kernel is not asked for an EAGAIN. That must
// not cost what comes behind the bytes without an event of its own: the end, an error, and bytes behind urgent data.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MSG_OOB, send } from 'epoll-ts/sys';
import { inTime } from '../support/loopTurns.ts';
import { tcpRig } from '../support/tcpRig.ts';

test('after a short read the kernel is asked again when it has reported something', async (t) => {
  const { client, server } = await tcpRig(t).pair();
  const into = new Uint8Array(8);
  const first = server.read(into);
  await client.write(Buffer.from('one'));
  assert.equal(await inTime('the first bytes', first), 3);
  assert.equal(client.tryWrite(Buffer.from('two')), 3);
  assert.equal(server.tryRead(into), null, 'no event has come yet');
  await inTime('the event', server.untilReadable());
  assert.equal(server.tryRead(into), 3);
});

test('a read that fills its room is no short one: the rest is read without an event', async (t) => {
  const { client, server } = await tcpRig(t).pair();
  const into = new Uint8Array(3);
  const first = server.read(into);
  await client.write(Buffer.from('onetwo3'));
  assert.equal(await inTime('the first bytes', first), 3);
  assert.equal(server.tryRead(into), 3);
  assert.equal(server.tryRead(into), 1);
});

test('the end that came in one event with the last bytes is read behind them', async (t) => {
  const { client, server } = await tcpRig(t).pair();
  const into = new Uint8Array(64);
  for (const text of ['first', 'last']) {
    const read = server.read(into);
    assert.equal(client.tryWrite(Buffer.from(text)), text.length);
    if (text === 'last') client.shutdown();
    assert.equal(await inTime('the bytes', read), text.length);
  }
  assert.equal(await inTime('the end', server.read(into)), 0);
});

test('a reset that came in one event with the end is an error behind the bytes', async (t) => {
  const { client, server } = await tcpRig(t).pair();
  const into = new Uint8Array(64);
  const read = server.read(into);
  assert.equal(client.tryWrite(Buffer.from('bytes')), 5);
  client.reset();
  // A reset throws away what was not read: either the bytes come first, or the error takes their place.
  const outcome = await inTime('the first read', read).catch((error: unknown) => error);
  if (outcome === 5) await assert.rejects(inTime('the second read', server.read(into)), { code: 'ECONNRESET' });
  else assert.equal((outcome as { code?: string }).code, 'ECONNRESET');
});

test('a read stops where urgent data was, and the bytes behind it are read without another event', async (t) => {
  const { client, server } = await tcpRig(t).pair();
  const into = Buffer.alloc(64);
  const first = server.read(into);
  await client.write(Buffer.from('joined'));
  assert.equal(await inTime('the first bytes', first), 6);
  for (const round of ['1', '2', '3']) {
    const before = server.read(into);
    assert.equal(client.tryWrite(Buffer.from(`ab${round}`)), 3);
    assert.equal(send(client.fd, Buffer.from('!'), MSG_OOB), 1);
    assert.equal(client.tryWrite(Buffer.from(`cde${round}`)), 4);
    const got = into.toString('latin1', 0, await inTime('the bytes before', before));
    assert.equal(got, `ab${round}`);
    assert.equal(into.toString('latin1', 0, await inTime('the bytes behind', server.read(into))), `cde${round}`);
  }
});
