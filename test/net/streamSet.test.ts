import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test, type TestContext } from 'node:test';
import type { Worker } from 'node:worker_threads';
import { ClosedError, Epoll, EventFd } from 'epoll-ts';
import { StreamSet, TcpStream, UnixStream } from 'epoll-ts/net';
import { EPOLLIN } from 'epoll-ts/sys';
import { runScript } from '../support/childScript.ts';
import { endOf, messageOf, startThread } from '../support/threadScript.ts';
import { tcpPair } from '../support/tcpPair.ts';

const now = { timeoutMs: 0 };

function setOf(t: TestContext): StreamSet {
  const set = new StreamSet();
  t.after(() => set.close());
  return set;
}

/** A worker that runs this body for each stream that it takes, after it has said that it is ready. */
function member(set: StreamSet, body: string): Worker {
  return startThread(
    `
    const { StreamSet } = await import('epoll-ts/net');
    const set = StreamSet.from(workerData);
    const into = new Uint8Array(64);
    parentPort.postMessage('ready');
    set.run((held) => { const { stream } = held; ${body} });
    set.close();`,
    set.fd,
  );
}

test('a stream that one thread has taken is nobody else’s until it is given back', async (t) => {
  const { client, server } = await tcpPair(t);
  const set = setOf(t);
  const other = StreamSet.from(set.fd);
  set.add(server, { tag: 7 });
  assert.ok(server.closed, 'its object is closed, the connection is not');
  assert.equal(set.take(now), null);
  client.tryWrite(Buffer.from('one'));
  const held = set.take();
  assert.ok(held !== null);
  assert.deepEqual([held.tag, held.readiness & EPOLLIN], [7, EPOLLIN]);
  client.tryWrite(Buffer.from(' two'));
  assert.equal(other.take(now), null);
  assert.equal(held.stream.tryRead(new Uint8Array(3)), 3);
  held.giveBack();
  const again = other.take();
  const into = new Uint8Array(16);
  assert.equal(again?.stream.tryRead(into), 4, 'what came while it was held is reported when it is given back');
  again.giveBack();
  assert.throws(() => held.giveBack(), ClosedError);
  assert.throws(() => again.giveBack(), ClosedError);
});

test('unix streams are taken as what they are, messages too', async (t) => {
  for (const type of ['stream', 'seqpacket'] as const) {
    const [client, server] = UnixStream.pair({ type });
    t.after(() => client.close());
    const set = setOf(t);
    set.add(server);
    client.tryWrite(Buffer.from('hello'));
    const held = set.take();
    assert.ok(held?.stream instanceof UnixStream);
    assert.equal(held.stream.type, type);
    assert.equal(held.stream.tryRead(new Uint8Array(16)), 5);
    held.giveBack();
  }
});

test('what it is given back for is what it is taken for', async (t) => {
  const { client, server } = await tcpPair(t);
  const set = setOf(t);
  set.add(server, { readable: false, writable: true });
  client.tryWrite(Buffer.from('hi'));
  const held = set.take();
  held?.giveBack({ readable: true, writable: false });
  const again = set.take();
  assert.equal(again?.stream.tryRead(new Uint8Array(16)), 2);
  again.giveBack();
  assert.equal(set.take(now), null);
});

test('a held stream that is closed leaves the set, and its peer sees the end', async (t) => {
  const { client, server } = await tcpPair(t);
  const set = setOf(t);
  set.add(server);
  assert.equal(set.size, 1);
  client.tryWrite(Buffer.from('x'));
  const held = set.take();
  assert.equal(held?.stream.tryRead(new Uint8Array(1)), 1);
  held.stream.close();
  assert.equal(set.size, 0);
  assert.equal(await client.read(new Uint8Array(1)), 0);
});

test('a held stream that is detached can be added again', async (t) => {
  const { client, server } = await tcpPair(t);
  const set = setOf(t);
  set.add(server);
  client.tryWrite(Buffer.from('x'));
  const held = set.take();
  assert.ok(held !== null);
  set.add(held.stream, { tag: 3 });
  assert.deepEqual([set.take()?.tag, set.size], [3, 1]);
});

test('a held stream that goes to another owner, or into another set, is not closed with this one', async (t) => {
  const { client, server } = await tcpPair(t);
  const [set, other] = [setOf(t), setOf(t)];
  set.add(server);
  client.tryWrite(Buffer.from('x'));
  const held = set.take();
  assert.ok(held !== null);
  other.add(held.stream);
  assert.deepEqual([set.size, other.size], [0, 1]);
  const again = other.take();
  assert.ok(again?.stream instanceof TcpStream);
  const stream = TcpStream.attach(again.stream);
  t.after(() => stream.close());
  assert.equal(other.size, 0);
  for (const each of [set, other]) each.close();
  assert.equal(stream.tryRead(new Uint8Array(8)), 1);
});

test('what is taken through from() in the thread that made the set is closed with the set, as an object', async (t) => {
  const { client, server } = await tcpPair(t);
  const set = setOf(t);
  set.add(server);
  client.tryWrite(Buffer.from('x'));
  const held = StreamSet.from(set.fd).take();
  set.close();
  assert.equal(held?.stream.closed, true);
});

test('where the set is closed, add() throws and the stream can still be used', async (t) => {
  const { client, server } = await tcpPair(t);
  const set = new StreamSet();
  set.close();
  assert.throws(() => set.add(server), ClosedError);
  await client.write(Buffer.from('hi'));
  assert.equal(await server.read(new Uint8Array(8)), 2);
});

test('close() closes what is in it, held or not', async (t) => {
  const [first, second] = [await tcpPair(t), await tcpPair(t)];
  const set = new StreamSet();
  set.add(first.server);
  set.add(second.server);
  first.client.tryWrite(Buffer.from('x'));
  const worker = member(set, "stream.tryRead(into); parentPort.postMessage('held'); for (;;);");
  await messageOf(worker);
  await messageOf(worker);
  await worker.terminate();
  assert.equal(set.size, 2, 'a thread that is terminated leaves the stream that it held');
  set.close();
  for (const { client } of [first, second]) assert.equal(await client.read(new Uint8Array(1)), 0);
});

test('stop() ends run() in every thread, from whichever it is called', async (t) => {
  const set = setOf(t);
  const { client, server } = await tcpPair(t);
  const workers = Array.from({ length: 4 }, () => member(set, 'stream.tryRead(into); held.giveBack(); set.stop();'));
  await Promise.all(workers.map(messageOf));
  const ends = workers.map(endOf);
  set.add(server);
  await client.write(Buffer.from('stop'));
  assert.deepEqual(await Promise.all(ends), [0, 0, 0, 0]);
  assert.equal(set.take(), null);
  assert.ok(set.stopped);
  assert.equal(set.size, 1, 'connections stay');
});

test('worker.terminate() ends a thread that waits, and the others go on', async (t) => {
  const set = setOf(t);
  const { client, server } = await tcpPair(t);
  const echo = 'stream.tryWrite(into.subarray(0, stream.tryRead(into)));';
  const workers = [member(set, echo), member(set, echo)];
  await Promise.all(workers.map(messageOf));
  await workers[0]?.terminate();
  set.add(server);
  for (let round = 0; round < 20; round++) {
    await client.write(Buffer.from('x'));
    assert.equal(await client.read(new Uint8Array(1)), 1);
  }
  set.stop();
  await once(workers[1] as Worker, 'exit');
});

test('a handler that throws: its stream is closed, and the error is reported as any uncaught exception is', () => {
  const script = (listen: string): string => `
    import { StreamSet, TcpListener, TcpStream } from 'epoll-ts/net';
    const listener = new TcpListener({ address: '127.0.0.1' });
    const set = new StreamSet();
    const clients = [];
    for (let index = 0; index < 2; index++) {
      const client = await TcpStream.connect({ host: '127.0.0.1', port: listener.localAddress.port });
      client.tryWrite(Buffer.from('x'));
      set.add(await listener.accept());
      clients.push(client);
    }
    let calls = 0;
    ${listen}
    const handler = ({ stream }) => {
      if (++calls === 1) throw new Error('of the handler');
      console.log(set.size);
      set.stop();
    };
    try { set.run(handler); } catch (error) { console.log('thrown', error.message); set.run(handler); }
    for (const each of [...clients, set, listener]) each.close();`;
  assert.deepEqual(runScript(script('')).lines, ['thrown of the handler', '1']);
  const heard = "process.on('uncaughtException', (error) => console.log('heard', error.message));";
  assert.deepEqual(runScript(script(heard)).lines, ['heard of the handler', '1']);
});

test('wrong arguments are refused', async (t) => {
  const set = setOf(t);
  const { server } = await tcpPair(t);
  const other = new Epoll();
  const counter = new EventFd();
  t.after(() => [other, counter].forEach((each) => each.close()));
  assert.throws(() => StreamSet.from(other.fd), /^TypeError: Cannot use fd \d+ as a StreamSet as it must be one$/);
  assert.throws(() => StreamSet.from(counter.fd), TypeError);
  assert.throws(() => StreamSet.from(1_000_000), { code: 'EBADF' });
  for (const tag of [-1, 0xffff_ffff, 1.5]) assert.throws(() => set.add(server, { tag }), RangeError);
  assert.throws(() => set.add(server, { readable: false }), /one of 'readable' and 'writable' must be true/);
  // @ts-expect-error no boolean
  assert.throws(() => set.add(server, { readable: 1 }), TypeError);
  // @ts-expect-error no stream
  assert.throws(() => set.add(counter), /'stream' must be a stream/);
  // @ts-expect-error no argument
  assert.throws(() => new StreamSet(64), /takes no argument: current value is 64/);
  // @ts-expect-error no number
  assert.throws(() => set.take({ timeoutMs: '1' }), TypeError);
  for (const timeoutMs of [-1, Number.NaN]) assert.throws(() => set.take({ timeoutMs }), RangeError);
  // @ts-expect-error no function
  assert.throws(() => set.run(7), TypeError);
  assert.ok(!server.closed && set.size === 0);
});

test('close() closes what the maker holds as an object: the garbage collector closes no number of it again', () => {
  const script = `
    import { StreamSet, UnixStream } from 'epoll-ts/net';
    import { eventfd, fcntl, F_GETFD } from 'epoll-ts/sys';
    process.on('warning', ({ name }) => console.log(name));
    const set = new StreamSet();
    const [one, other] = UnixStream.pair();
    const fd = one.fd;
    globalThis.kept = other;
    set.add(one);
    other.tryWrite(new Uint8Array(1));
    (() => void set.take())();
    set.close();
    const numbers = Array.from({ length: 8 }, () => eventfd(0, 0));
    for (let round = 0; round < 5; round++) {
      gc();
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    console.log(numbers.includes(fd), numbers.every((number) => fcntl(number, F_GETFD) >= 0));
    other.close();`;
  const { lines } = runScript(script, { flags: ['--expose-gc'] });
  assert.deepEqual(lines, ['true true']);
});
