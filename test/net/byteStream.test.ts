import assert from 'node:assert/strict';
import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { test } from 'node:test';
import { ClosedError } from 'epoll-ts';
import { TimeoutError, UnixStream } from 'epoll-ts/net';
import { runNode } from '../support/runNode.ts';
import { tcpPair } from '../support/tcpPair.ts';

test('write() takes text, as UTF-8, also where it waits for room', async (t) => {
  const { client, server } = await tcpPair(t);
  await client.write('grüße');
  const into = Buffer.alloc(16);
  assert.equal(String(into.subarray(0, await server.read(into))), 'grüße');
  await client.write('');
  const long = 'ä'.repeat(4 << 20);
  const writing = client.write(long).then(() => client.end());
  const chunks: Uint8Array[] = [];
  for await (const chunk of server) chunks.push(chunk);
  assert.ok(Buffer.concat(chunks).equals(Buffer.from(long)));
  await writing;
  for (const wrong of [1, null, undefined, {}, ['x'], new ArrayBuffer(1)]) {
    await assert.rejects(client.write(wrong as never), {
      name: 'TypeError',
      message: /^Cannot write as 'data' must be a string or a Uint8Array: current value is /,
    });
  }
});

test('for await gives what comes, until the peer has finished', async (t) => {
  const { client, server } = await tcpPair(t);
  await client.write('one');
  let text = '';
  for await (const chunk of server) {
    assert.equal(chunk.buffer.byteLength, chunk.byteLength, 'a small chunk keeps nothing else alive');
    text += String(Buffer.from(chunk));
    if (text === 'one') await client.write('two');
    if (text === 'onetwo') await client.end();
  }
  assert.equal(text, 'onetwo');
  assert.ok(!server.closed, 'it can still be written to');
});

test('for await: leaving the loop loses nothing, also while it waits, and closes nothing', async (t) => {
  const { client, server } = await tcpPair(t);
  await client.write('one');
  for await (const chunk of server) {
    assert.equal(String(Buffer.from(chunk)), 'one');
    break;
  }
  const chunks = server[Symbol.asyncIterator]();
  const pending = chunks.next();
  await nextTurn();
  assert.deepEqual(await chunks.return?.(), { value: undefined, done: true });
  assert.deepEqual(await pending, { value: undefined, done: true });
  await client.write('two');
  const into = Buffer.alloc(8);
  assert.equal(String(into.subarray(0, await server.read(into))), 'two');
});

test('for await ends when the stream is closed, and throws what a read throws', async (t) => {
  const { client, server } = await tcpPair(t);
  const closed = server[Symbol.asyncIterator]();
  const pending = closed.next();
  await nextTurn();
  server.close();
  assert.equal((await pending).done, true);
  const reset = client[Symbol.asyncIterator]();
  assert.equal((await reset.next()).done, true);
  const { server: taken } = await tcpPair(t);
  assert.ok(taken.readable instanceof ReadableStream);
  await assert.rejects(taken[Symbol.asyncIterator]().next(), { name: 'TypeError', message: /has taken it/ });
});

test('for await gives the messages of a seqpacket stream one by one', async (t) => {
  const [a, b] = UnixStream.pair({ type: 'seqpacket' });
  t.after(() => {
    a.close();
    b.close();
  });
  await a.write('one');
  await a.write('x'.repeat(100_000));
  a.close();
  const messages: string[] = [];
  for await (const chunk of b) messages.push(String(Buffer.from(chunk)));
  assert.deepEqual(messages, ['one', 'x'.repeat(100_000)]);
});

test('asyncDispose closes when the writes that are under way have ended', async (t) => {
  const { client, server } = await tcpPair(t);
  const large = Buffer.alloc(8 << 20, 'x');
  const writing = client.write(large);
  const closing = client[Symbol.asyncDispose]();
  await nextTurn();
  assert.ok(!client.closed);
  let received = 0;
  for await (const chunk of server) received += chunk.length;
  assert.equal(received, large.length);
  await writing;
  await closing;
  assert.ok(client.closed);
  await client[Symbol.asyncDispose]();
});

test('a TimeoutError names the call and the address', async (t) => {
  const { client, server } = await tcpPair(t);
  const { address, port } = client.localAddress;
  const { fd } = server;
  await assert.rejects(server.read(new Uint8Array(8), { timeoutMs: 1 }), (error) => {
    assert.ok(error instanceof TimeoutError);
    const { name, code, syscall, message } = error;
    assert.deepEqual([name, code, syscall], ['TimeoutError', 'ETIMEDOUT', 'read']);
    assert.deepEqual([error.fd, error.address, error.port], [fd, address, port]);
    assert.equal(message, `ETIMEDOUT: read ${address}:${port}: it took longer than 1 ms`);
    return true;
  });
  const write = client.write(Buffer.alloc(64 << 20), { timeoutMs: 1 });
  await assert.rejects(write, { name: 'TimeoutError', code: 'ETIMEDOUT', syscall: 'write' });
  await assert.rejects(client.untilReadable({ timeoutMs: 1 }), { code: 'ETIMEDOUT' });
});

test('options of an operation: a wrong kind and an unknown member are refused', async (t) => {
  const { client, server } = await tcpPair(t);
  const operations = [
    (options: object) => server.read(new Uint8Array(1), options),
    (options: object) => client.write('x', options),
    (options: object) => client.writev([Buffer.from('x')], options),
    (options: object) => server.untilReadable(options),
    (options: object) => client.untilWritable(options),
  ];
  for (const operation of operations) {
    await assert.rejects(operation({ timeout: 5 }), { name: 'TypeError', message: /timeoutMs/ });
    await assert.rejects(operation({ timeoutMs: '5' }), TypeError);
    await assert.rejects(operation({ signal: {} }), TypeError);
    await assert.rejects(operation(5 as never), TypeError);
  }
  assert.equal(client.bytesWritten, 0);
});

test('a write that is aborted while it waits in the queue is not sent', async (t) => {
  const { client, server } = await tcpPair(t);
  const first = client.write(Buffer.alloc(8 << 20, 'a'));
  const given = new AbortController();
  const second = client.write('second', { signal: given.signal });
  const third = client.write('third').then(() => client.end());
  given.abort(new Error('not needed any more'));
  const refused = assert.rejects(second, { message: 'not needed any more' });
  let received = '';
  for await (const chunk of server) received = (received + String(Buffer.from(chunk))).slice(-8);
  await Promise.all([first, refused, third]);
  assert.equal(received, 'aaathird');
});

test('timeoutMs: the longest that a timer takes, and more, is not over at once', async (t) => {
  const { client, server } = await tcpPair(t);
  for (const timeoutMs of [2 ** 31 - 1, 2 ** 31, 2 ** 53, Infinity]) {
    const reading = server.read(new Uint8Array(8), { timeoutMs });
    await nextTurn();
    await nextTurn();
    await client.write('x');
    assert.equal(await reading, 1, String(timeoutMs));
  }
});

test('operations with timeoutMs leave no listener at a signal that goes on', async (t) => {
  const { client, server } = await tcpPair(t);
  const given = new AbortController();
  const listening = { added: 0, removed: 0 };
  const { signal } = given;
  const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)];
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    listening.added++;
    add(...args);
  };
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    listening.removed++;
    remove(...args);
  };
  const reading = server.read(new Uint8Array(8), { signal, timeoutMs: 60_000 });
  await nextTurn();
  await client.write('x');
  assert.equal(await reading, 1);
  await assert.rejects(server.read(new Uint8Array(8), { signal, timeoutMs: 1 }), { code: 'ETIMEDOUT' });
  assert.ok(listening.added > 0);
  assert.equal(listening.removed, listening.added);
});

test('detach() of a stream: what the garbage collector finds later does not close the descriptor', () => {
  const program = `
    import { UnixStream } from 'epoll-ts/net';
    import { close, F_GETFD, fcntl } from 'epoll-ts/sys';
    import { setImmediate as nextTurn } from 'node:timers/promises';
    const [kept, other] = UnixStream.pair();
    let collected = false;
    const registry = new FinalizationRegistry(() => (collected = true));
    const fd = (() => {
      const [stream] = UnixStream.pair();
      registry.register(stream);
      return stream.detach();
    })();
    while (!collected) {
      gc();
      await nextTurn();
    }
    await nextTurn();
    console.log(fcntl(fd, F_GETFD) >= 0 ? 'open' : 'closed');
    kept.close();
    other.close();
    close(fd);`;
  const { stdout } = runNode('--expose-gc', '--no-warnings', '--input-type=module', '--eval', program);
  assert.equal(stdout.trim(), 'open');
});

test('no module method of a stream is public that only this package calls', async (t) => {
  const { server } = await tcpPair(t);
  for (const name of ['takenRead', 'takenWrite', 'takenWritev', 'takenEnd', 'drive', 'driverWaits', 'handOver']) {
    assert.ok(!(name in server), name);
  }
  assert.ok(!('features' in server));
  const duplex = server.toDuplex();
  assert.ok(!('ready' in duplex) && !('ended' in duplex));
  duplex.destroy();
  await once(duplex, 'close');
  assert.throws(() => server.tryRead(new Uint8Array(1)), ClosedError);
});
