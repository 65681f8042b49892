import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import { buffer, text } from 'node:stream/consumers';
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import { test, type TestContext } from 'node:test';
import { ClosedError, Reactor, SystemError } from 'epoll-ts';
import { type DuplexOptions, type SocketDuplex, TcpStream } from 'epoll-ts/net';
import { close, getsockopt, IPPROTO_TCP, TCP_KEEPIDLE } from 'epoll-ts/sys';
import { tcpPair } from '../support/tcpPair.ts';
import { runNode } from '../support/runNode.ts';

function happens(duplex: SocketDuplex, event: string): Promise<unknown> {
  return new Promise((resolve) => {
    duplex.once(event, resolve);
  });
}

async function duplexPair(
  t: TestContext,
  options?: DuplexOptions,
): Promise<{ client: SocketDuplex; server: SocketDuplex; raw: { client: TcpStream; server: TcpStream } }> {
  const raw = await tcpPair(t);
  return { client: raw.client.toDuplex(options), server: raw.server.toDuplex(options), raw };
}

test('a Duplex carries bytes both ways, and ends each way by itself', async (t) => {
  const { client, server } = await duplexPair(t, { allowHalfOpen: true });
  client.end('question');
  let question = '';
  server.setEncoding('utf8').on('data', (piece: string) => (question += piece));
  await once(server, 'end');
  assert.equal(question, 'question');
  assert.ok(server.writable, 'the other direction is open: a half-close');
  const answer = text(client);
  server.end('answer');
  assert.equal(await answer, 'answer');
  await Promise.all([finished(client), finished(server)]);
});

test('a Duplex whose directions have both ended closes its socket', async (t) => {
  const { client, server, raw } = await duplexPair(t);
  client.resume().end();
  server.resume().end();
  await Promise.all([once(client, 'close'), once(server, 'close')]);
  assert.deepEqual([raw.client.closed, raw.server.closed], [true, true]);
});

test('the end of the peer ends both directions, as with a net.Socket', async (t) => {
  const { client, server } = await duplexPair(t);
  client.resume().end();
  await Promise.all([once(server.resume(), 'close'), once(client, 'close')]);
});

test('writes that wait go to the kernel in one call, and in order', async (t) => {
  const { client, server } = await duplexPair(t);
  const pieces = Array.from({ length: 3000 }, (_, index) => `${index},`);
  client.cork();
  for (const piece of pieces) client.write(piece);
  process.nextTick(() => client.uncork());
  const received = text(server);
  client.end();
  assert.equal(await received, pieces.join(''));
});

test('a program that does not read stops the peer, and nothing more is read for it', async (t) => {
  const { client, server, raw } = await duplexPair(t);
  const chunk = Buffer.alloc(65_536, 1);
  server.once('readable', () => {});
  let drains = 0;
  client.on('drain', () => drains++);
  for (let before = -1; before !== drains;) {
    before = drains;
    while (client.write(chunk)) await nextTurn();
    assert.ok(client.bytesWritten < 256 << 20, 'the kernel says that it is enough');
    await delay(100);
  }
  assert.ok(server.readableLength <= 2 * 65_536, `${server.readableLength} bytes were read ahead`);
  assert.equal(raw.server.bytesRead, server.readableLength);
  // The kernel holds the rest, and the program's buffer no more than what write() was given after it said enough.
  assert.ok(client.writableLength <= 2 * chunk.length);
  const received = buffer(server);
  await once(client, 'drain');
  client.end();
  const all = await received;
  assert.equal(all.length, raw.client.bytesWritten);
  assert.equal(all.length, client.bytesWritten);
});

test('one write that is larger than all buffers is done when the kernel has taken all of it', async (t) => {
  const { client, server } = await duplexPair(t);
  const large = Buffer.alloc(24 << 20, 'large');
  let done = false;
  const finish = new Promise<void>((resolve) => {
    client.end(large, () => {
      done = true;
      resolve();
    });
  });
  await nextTurn();
  assert.equal(done, false);
  assert.ok((await buffer(server)).equals(large));
  // The end may be read in the turn in which it was sent, before Node calls back.
  await finish;
});

test('a reset is an ECONNRESET of ours', async (t) => {
  const { client, server } = await duplexPair(t);
  server.resume();
  const failed = once(server, 'error');
  client.resetAndDestroy();
  const [error] = await failed;
  assert.ok(error instanceof SystemError);
  assert.deepEqual([error.code, error.syscall], ['ECONNRESET', 'recv']);
  if (!server.closed) await once(server, 'close');
});

test('writing to a peer that has gone is an EPIPE or ECONNRESET of ours, and closes', async (t) => {
  const { client, server } = await duplexPair(t, { allowHalfOpen: true });
  server.destroy();
  await once(server, 'close');
  const failed = once(client, 'error');
  const timer = setInterval(() => client.write('more'), 5);
  t.after(() => clearInterval(timer));
  const [error] = await failed;
  clearInterval(timer);
  assert.ok(error instanceof SystemError);
  assert.match(`${error.code} ${error.syscall}`, /^(EPIPE send|ECONNRESET send|EPIPE sendmsg|ECONNRESET sendmsg)$/);
});

test('destroy() closes the socket; closing the stream destroys the Duplex', async (t) => {
  const { client, server, raw } = await duplexPair(t);
  client.destroy();
  assert.ok(raw.client.closed);
  raw.server.close();
  await once(server, 'close');
  assert.ok(server.destroyed);
});

test('closing its reactor is an error of the Duplex', async (t) => {
  const reactor = new Reactor();
  const { client, server } = await tcpPair(t);
  const duplex = TcpStream.attach(client.detach(), { reactor }).toDuplex().resume();
  await delay(1);
  const failed = once(duplex, 'error');
  reactor.close();
  assert.ok((await failed)[0] instanceof ClosedError);
  server.close();
});

test('a stream that a Duplex has taken can no longer be read, written, ended, taken or detached', async (t) => {
  const { client, server, raw } = await duplexPair(t);
  const stream = raw.client;
  const taken = { name: 'TypeError', message: /^Cannot .* this TcpStream as its toDuplex\(\) has taken it/ };
  const into = new Uint8Array(8);
  for (const use of [
    () => stream.tryRead(into),
    () => stream.tryReadv([into]),
    () => stream.tryWrite(into),
    () => stream.tryWritev([into]),
    () => stream.shutdown(),
    () => stream.shutdown('read'),
    () => stream.detach(),
    () => stream.toDuplex(),
    () => stream.readable,
    () => stream.writable,
  ]) {
    assert.throws(use, taken);
  }
  for (const use of [stream.read(into), stream.write(into), stream.writev([into, into]), stream.end()]) {
    await assert.rejects(use, taken);
  }
  client.end('intact');
  assert.equal(await text(server), 'intact');
  client.destroy();
  assert.throws(() => stream.tryRead(into), ClosedError);
  assert.throws(() => stream.detach(), ClosedError);
});

test('a read that was waiting when the Duplex took the stream takes no byte from it', async (t) => {
  const { client, server } = await tcpPair(t);
  const waiting = server.read(new Uint8Array(8));
  const refused = assert.rejects(waiting, /has taken it/);
  const duplex = server.toDuplex();
  await client.write(Buffer.from('all of it'));
  await client.end();
  assert.equal(await text(duplex), 'all of it');
  await refused;
});

test('a stream whose writes are under way can not be taken', async (t) => {
  const { client } = await tcpPair(t);
  const writing = client.write(Buffer.alloc(64 << 20));
  assert.throws(() => client.toDuplex(), /as its writes must have ended/);
  client.close();
  await assert.rejects(writing, ClosedError);
});

test('a Duplex says who is connected to whom, as a net.Socket does', async (t) => {
  const { client, server } = await duplexPair(t);
  assert.equal(client.remoteAddress, '127.0.0.1');
  assert.equal(client.remoteFamily, 'IPv4');
  assert.equal(client.remotePort, server.localPort);
  assert.deepEqual(server.address(), { address: '127.0.0.1', family: 'IPv4', port: server.localPort });
  assert.equal(server.localFamily, 'IPv4');
  assert.equal(client.localAddress, server.remoteAddress);
  assert.equal(client.readyState, 'open');
  client.end('four');
  await buffer(server);
  assert.deepEqual([client.bytesWritten, server.bytesRead], [4, 4]);
  assert.equal(client.readyState, 'readOnly');
});

test('setNoDelay() and setKeepAlive() set the options of the socket', async (t) => {
  const { client, raw } = await duplexPair(t);
  assert.equal(client.setNoDelay(false), client);
  assert.equal(raw.client.noDelay, false);
  client.setNoDelay();
  assert.equal(raw.client.noDelay, true);
  client.setKeepAlive(true, 5000);
  assert.equal(raw.client.keepAlive, true);
  const idle = new Int32Array(1);
  assert.equal(getsockopt(raw.client.fd, IPPROTO_TCP, TCP_KEEPIDLE, new Uint8Array(idle.buffer)), 4);
  assert.equal(idle[0], 5, 'milliseconds are given, and the kernel counts seconds');
  client.setKeepAlive();
  assert.equal(raw.client.keepAlive, false);
  client.destroy();
  client.setNoDelay(true).setKeepAlive(true);
});

test('it is told of its end although closing has failed', async (t) => {
  const { client, raw } = await duplexPair(t);
  close(raw.client.fd);
  const [failed, closed] = [once(client, 'error'), happens(client, 'close')];
  client.destroy();
  assert.equal((await failed)[0].code, 'EBADF');
  assert.equal(await closed, true, 'with an error');
});

test("setTimeout() emits 'timeout' when nothing happens, and not while something does", async (t) => {
  const { client, server } = await duplexPair(t);
  server.resume();
  let timeouts = 0;
  client.setTimeout(200, () => timeouts++);
  assert.equal(client.timeout, 200);
  await once(client, 'timeout');
  assert.equal(timeouts, 1);
  assert.ok(!client.destroyed, 'the program decides what it means');
  client.setTimeout(0);
  assert.throws(() => client.setTimeout(-1), RangeError);
  assert.throws(() => client.setTimeout('1' as never), TypeError);
});

test('destroySoon() destroys when what was written has gone', async (t) => {
  const { client, server } = await duplexPair(t);
  const sent = Buffer.alloc(8 << 20, 's');
  client.write(sent);
  client.destroySoon();
  assert.ok((await buffer(server)).equals(sent));
  if (!client.closed) await once(client, 'close');
});

test('an aborted signal destroys it', async (t) => {
  const stop = new AbortController();
  const { client, raw } = await duplexPair(t, { signal: stop.signal });
  const failed = once(client, 'error');
  stop.abort();
  assert.equal((await failed)[0].name, 'AbortError');
  assert.ok(raw.client.closed);
  const { client: late } = await tcpPair(t);
  const [error] = await once(late.toDuplex({ signal: AbortSignal.abort() }), 'error');
  assert.equal(error.name, 'AbortError');
});

test('wrong options are refused, and leave the stream as it was', async (t) => {
  const { client } = await tcpPair(t);
  assert.throws(() => client.toDuplex({ readableHighWaterMark: -1 }), RangeError);
  assert.throws(
    () => client.toDuplex({ allowHalfopen: true } as never),
    /'allowHalfopen' is unknown: did you mean 'allowHalfOpen'\?$/,
  );
  assert.equal(client.tryRead(new Uint8Array(1)), null);
});

test("listeners run in the async context in which the Duplex was made, not in another's", async (t) => {
  const storage = new AsyncLocalStorage<string>();
  const [one, two] = await Promise.all([tcpPair(t), tcpPair(t)]);
  const seen = await Promise.all(
    [one, two].map(({ client, server }, index) =>
      storage.run(`connection ${index}`, async () => {
        const duplex = server.toDuplex();
        const context = new Promise((resolve) => {
          duplex.once('data', () => resolve(storage.getStore()));
        });
        await nextTurn();
        client.tryWrite(Buffer.from('x'));
        return context;
      }),
    ),
  );
  assert.deepEqual(seen, ['connection 0', 'connection 1']);
});

test('what a listener throws is reported, and the stream goes on', () => {
  const { stdout, stderr, status } = runNode(
    '--input-type=module',
    '--eval',
    `import { TcpListener, TcpStream } from 'epoll-ts/net';
     const caught = [];
     process.on('uncaughtException', (error) => caught.push(error.message));
     const listener = new TcpListener({ address: '127.0.0.1' });
     const client = (await TcpStream.connect({ host: '127.0.0.1', port: listener.localAddress.port })).toDuplex();
     const server = (await listener.accept()).toDuplex();
     listener.close();
     let received = 0;
     server.on('data', (chunk) => { const first = received === 0; received += chunk.length; if (first) throw new Error('mine'); });
     server.on('end', () => { console.log(received, caught.join()); server.end(); });
     setTimeout(() => client.end(Buffer.alloc(3 << 20)), 10);
     client.resume();`,
  );
  assert.equal(stderr, '');
  assert.equal(stdout, `${3 << 20} mine\n`);
  assert.equal(status, 0);
});

test('a Duplex that waits keeps the process alive, unless it is unref()ed', () => {
  const program = (unref: boolean): string => `
    import { TcpListener, TcpStream } from 'epoll-ts/net';
    const listener = new TcpListener({ address: '127.0.0.1' });
    const client = (await TcpStream.connect({ host: '127.0.0.1', port: listener.localAddress.port })).toDuplex();
    const server = await listener.accept();
    client.on('data', (chunk) => { console.log(String(chunk)); client.destroy(); });
    ${unref ? 'client.unref();' : ''}
    setTimeout(() => server.tryWrite(Buffer.from('alive')), ${unref ? 30_000 : 50}).unref();
    process.on('exit', () => { client.destroy(); server.close(); listener.close(); });`;
  // The timer alone does not keep the process alive, so that the byte comes only if the Duplex does. Where it must not,
  // a slow start must not be taken for it.
  const run = (unref: boolean): string => runNode('--input-type=module', '--eval', program(unref)).stdout;
  assert.equal(run(false), 'alive\n');
  assert.equal(run(true), '');
});
