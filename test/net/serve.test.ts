import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import {
  type ByteStream,
  type ConnectionContext,
  serve,
  type ServeCounts,
  type ServeOptions,
  TcpListener,
  type TcpStream,
  threadReactor,
  UnixListener,
  UnixStream,
} from 'epoll-ts/net';
import { close } from 'epoll-ts/sys';
import { descriptorsOf } from '#epoll/reactor/reactor.js';
import { runScript } from '../support/childScript.ts';
import { pathIn } from '../support/closing.ts';
import { nothingLeftOpen, openDescriptors } from '../support/openDescriptors.ts';
import { until } from '../support/loopTurns.ts';
import { talkTo } from '../support/talkTo.ts';
import { untilQueued } from '../support/untilQueued.ts';

const none: ServeCounts = { accepted: 0, finished: 0, failed: 0, broken: 0, reset: 0, lost: 0, crashes: 0 };

interface Served {
  readonly listener: TcpListener;
  readonly port: number;
  readonly stop: AbortController;
  readonly counts: Promise<ServeCounts>;
}

/** A server that is stopped when the test ends. */
function started(t: TestContext, options: Omit<ServeOptions<TcpStream>, 'listener' | 'signal'>): Served {
  const listener = new TcpListener({ address: '127.0.0.1' });
  const { port } = listener.localAddress;
  const stop = new AbortController();
  const counts = serve({ ...options, listener, signal: stop.signal }).finished;
  t.after(async () => {
    stop.abort();
    await counts;
  });
  return { listener, port, stop, counts };
}

async function echo(stream: ByteStream): Promise<void> {
  const into = new Uint8Array(64);
  for (let count; (count = await stream.read(into)) > 0;) await stream.write(into.subarray(0, count));
}

/** A handler whose connections wait until the test lets them go on. */
function gate(): { handler: (stream: ByteStream, context: ConnectionContext) => Promise<void>; open: () => void } {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const handler = async (stream: ByteStream): Promise<void> => {
    await stream.write(Buffer.from('hi'));
    await opened;
    await stream.write(Buffer.from(' bye'));
  };
  return { handler, open };
}

test('connections are handled side by side, and closed when their handler is fulfilled', async (t) => {
  const { port, stop, counts } = started(t, { onConnection: echo });
  const clients = await Promise.all([1, 2, 3].map(() => talkTo(t, port)));
  for (const { say } of clients) say('ab');
  for (const { until } of clients) assert.equal(await until('ab'), 'ab');
  for (const { socket, ended } of clients) {
    socket.end();
    assert.equal(await ended, 'end');
  }
  stop.abort();
  assert.deepEqual(await counts, { ...none, accepted: 3, finished: 3 });
});

test('a stop refuses new connections, and lets those that are there finish', async (t) => {
  const { handler, open } = gate();
  const { port, stop, counts, listener } = started(t, { onConnection: handler });
  const client = await talkTo(t, port);
  await client.until('hi');
  stop.abort();
  await new Promise(setImmediate);
  assert.ok(listener.closed);
  await assert.rejects(talkTo(t, port), { code: 'ECONNREFUSED' });
  open();
  assert.equal(await client.until('bye'), 'hi bye');
  assert.equal(await client.ended, 'end');
  assert.deepEqual(await counts, { ...none, accepted: 1, finished: 1 });
});

test('connections that wait in the queue at the stop are served: their clients are connected', async (t) => {
  const listener = new TcpListener({ address: '127.0.0.1' });
  const clients = await Promise.all([1, 2, 3].map(() => talkTo(t, listener.localAddress.port)));
  for (const { say, socket } of clients) {
    say('hi');
    socket.end();
  }
  await untilQueued(listener.localAddress.port, 3);
  const counts = await serve({ listener, signal: AbortSignal.abort(), onConnection: echo }).finished;
  for (const { until } of clients) assert.equal(await until('hi'), 'hi');
  assert.deepEqual(counts, { ...none, accepted: 3, finished: 3 });
});

test('what has not finished at the deadline is reset', async (t) => {
  const { handler } = gate();
  const { port, stop, counts } = started(t, { onConnection: handler, deadlineMs: 20 });
  const client = await talkTo(t, port);
  await client.until('hi');
  stop.abort();
  assert.equal(await client.ended, 'ECONNRESET');
  assert.deepEqual(await counts, { ...none, accepted: 1, reset: 1 });
});

test('a reset at the deadline is no error of the handler that was at work', async (t) => {
  const errors: unknown[] = [];
  const { port, stop, counts } = started(t, {
    onConnection: echo,
    deadlineMs: 0,
    onError: (error) => errors.push(error),
  });
  const client = await talkTo(t, port);
  client.say('x');
  await client.until('x');
  stop.abort();
  await counts;
  await new Promise(setImmediate);
  assert.deepEqual(errors, []);
});

test('context.signal tells handlers that the server stops, and giving up because of it is to finish', async (t) => {
  const { port, stop, counts } = started(t, {
    data: 'the data',
    async onConnection(stream, { signal, data }) {
      await stream.write(Buffer.from(String(data)));
      await stream.read(new Uint8Array(1), { signal });
    },
    deadlineMs: Infinity,
  });
  const client = await talkTo(t, port);
  await client.until('the data');
  stop.abort();
  assert.equal(await client.ended, 'end');
  assert.deepEqual(await counts, { ...none, accepted: 1, finished: 1 });
});

test('a handler that throws, or is rejected, ends its own connection only, and onError is told', async (t) => {
  const errors: string[] = [];
  let calls = 0;
  const { port, stop, counts } = started(t, {
    onConnection(stream) {
      calls++;
      if (calls === 1) throw new Error('thrown');
      return calls === 2 ? Promise.reject(new Error('rejected')) : echo(stream);
    },
    onError: (error) => errors.push((error as Error).message),
  });
  for (const _ of [1, 2]) assert.equal(await (await talkTo(t, port)).ended, 'end');
  const third = await talkTo(t, port);
  third.say('still there');
  await third.until('still there');
  third.socket.end();
  await third.ended;
  stop.abort();
  assert.deepEqual(await counts, { ...none, accepted: 3, failed: 2, finished: 1 });
  assert.deepEqual(errors, ['thrown', 'rejected']);
});

test('without onError a throw is an uncaught exception, and a peer that resets is not', () => {
  const { lines, status, stderr } = runScript(`
    import { once } from 'node:events';
    import { serve, TcpListener, TcpStream } from 'epoll-ts/net';
    process.on('uncaughtException', ({ message }) => console.log('uncaught', message));
    const listener = new TcpListener({ address: '127.0.0.1' });
    const { port } = listener.localAddress;
    const stop = new AbortController();
    let calls = 0;
    const server = serve({ listener, signal: stop.signal, async onConnection(stream) {
      if (++calls === 1) throw new Error('of the handler');
      await stream.write(Buffer.from('x'));
      await stream.read(new Uint8Array(1));
    } });
    const first = await TcpStream.connect({ host: '127.0.0.1', port });
    await first.read(new Uint8Array(1));
    const second = await TcpStream.connect({ host: '127.0.0.1', port });
    await second.read(new Uint8Array(1));
    second.reset();
    first.close();
    stop.abort();
    const { accepted, failed, broken } = await server.finished;
    console.log(accepted, failed, broken);`);
  assert.deepEqual({ lines, status, stderr }, { lines: ['uncaught of the handler', '2 1 1'], status: 0, stderr: '' });
});

test('a handler that returns nothing has set up callbacks: the connection counts until it is closed', async (t) => {
  const into = new Uint8Array(64);
  const { port, stop, counts } = started(t, {
    onConnection(stream) {
      const turn = (): void => {
        for (let count; !stream.closed && (count = stream.tryRead(into)) !== null;) {
          if (count === 0) stream.close();
          else stream.tryWrite(into.subarray(0, count));
        }
      };
      stream.onReadiness = turn;
    },
  });
  const client = await talkTo(t, port);
  client.say('one');
  await client.until('one');
  stop.abort();
  client.say(' two');
  await client.until(' two');
  client.socket.end();
  assert.deepEqual(await counts, { ...none, accepted: 1, finished: 1 });
});

test('a connection that its handler detaches has finished, and stays open', async (t) => {
  let fd = -1;
  const { port, stop, counts } = started(t, { onConnection: (stream) => void (fd = stream.detach()) });
  const client = await talkTo(t, port);
  await until('the connection is accepted', () => fd >= 0);
  stop.abort();
  assert.deepEqual(await counts, { ...none, accepted: 1, finished: 1 });
  close(fd);
  assert.equal(await client.ended, 'end');
});

test('a listener that is closed stops the server too', async () => {
  const listener = new TcpListener({ address: '127.0.0.1' });
  const server = serve({ listener, onConnection: echo });
  await new Promise(setImmediate);
  listener.close();
  assert.deepEqual(await server.finished, none);
});

test('a listener whose file can not be removed any more: the handlers finish, then the server says so', async (t) => {
  const folder = pathIn(t, 'folder');
  mkdirSync(folder);
  const path = join(folder, 'socket');
  const listener = new UnixListener({ path });
  const stop = new AbortController();
  let finished = 0;
  const onConnection = (stream: ByteStream): Promise<void> => echo(stream).then(() => void finished++);
  const server = serve({ listener, signal: stop.signal, onConnection });
  const client = await UnixStream.connect({ path });
  await client.write(Buffer.from('hello'));
  await client.read(new Uint8Array(8));
  // A link to itself in place of the folder: ELOOP, for root too.
  renameSync(folder, `${folder} away`);
  symlinkSync('folder', folder);
  stop.abort();
  await client.end();
  await assert.rejects(server.finished, { code: 'ELOOP' });
  assert.equal(finished, 1);
  assert.equal(listener.closed, true);
  client.close();
});

test('a server that has ended leaves no descriptor', async (t) => {
  const before = openDescriptors();
  for (let round = 0; round < 3; round++) {
    const { port, stop, counts } = started(t, { onConnection: echo });
    const client = await talkTo(t, port);
    client.socket.end();
    await client.ended;
    stop.abort();
    await counts;
    client.socket.destroy();
    if (!client.socket.closed) await once(client.socket, 'close');
  }
  // The reactor of this thread stays.
  const descriptors = descriptorsOf(threadReactor());
  const stays = openDescriptors().filter((line) => descriptors.includes(Number.parseInt(line, 10)));
  nothingLeftOpen([...before, ...stays]);
});

test('wrong options are refused, and the listener is left as it was', async (t) => {
  const listener = new TcpListener({ address: '127.0.0.1' });
  t.after(() => listener.close());
  const wrong: readonly [object, RegExp][] = [
    [{ onConnection: echo }, /^TypeError: Cannot serve as 'listener' must be a listener: current value is undefined$/],
    [{ listener }, /'onConnection' must be a function: current value is undefined/],
    [{ listener, onConnection: new URL('file:///x.js') }, /'onConnection' must be a function/],
    [
      { listener, onConnection: echo, workers: 2 },
      /'onConnection' must be the URL of a module where there are 'workers'/,
    ],
    [{ listener, onConnection: echo, workers: 0 }, /^RangeError: .*'workers'/],
    [
      { listener, onConnection: echo, deadlineMs: -1 },
      /^RangeError: Cannot serve as 'deadlineMs' must not be negative/,
    ],
    [{ listener, onConnection: echo, deadlineMs: '1' }, /^TypeError: Cannot serve as 'deadlineMs' must be a number/],
    [{ listener, onConnection: echo, signal: {} }, /'signal' must be an AbortSignal/],
    [{ listener, onConnection: echo, onError: 1 }, /'onError' must be a function/],
  ];
  for (const [options, message] of wrong) assert.throws(() => serve(options as never), message);
  assert.ok(!listener.closed);
});
