import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { test, type TestContext } from 'node:test';
import { pathToFileURL } from 'node:url';
import { serve, type ServeCounts, type ServeWorkersOptions, TcpListener, UnixListener, UnixStream } from 'epoll-ts/net';
import { pathIn } from '../support/closing.ts';
import { runScript } from '../support/childScript.ts';
import { openDescriptors } from '../support/openDescriptors.ts';
import { type Client, talkTo } from '../support/talkTo.ts';
import { endOf, startThread } from '../support/threadScript.ts';

const onConnection = new URL('../support/connectionModule.js', import.meta.url);
const none: ServeCounts = { accepted: 0, finished: 0, failed: 0, broken: 0, reset: 0, lost: 0, crashes: 0 };

interface Served {
  readonly listener: TcpListener;
  readonly stop: AbortController;
  readonly counts: Promise<ServeCounts>;
  readonly errors: Error[];
  /** Shared with the workers: the first is what a handler that is told to waits for. */
  readonly memory: Int32Array;
  /** A client to which a worker has answered with its number. */
  client(): Promise<Client & { readonly worker: number }>;
  /** Resolves when so many connections have been accepted. */
  accepted(count: number): Promise<void>;
}

/** A server with workers, which is stopped when the test ends. */
function started(t: TestContext, options: Partial<ServeWorkersOptions> = {}): Served {
  const listener = new TcpListener({ address: '127.0.0.1' });
  const { port } = listener.localAddress;
  const stop = new AbortController();
  const errors: Error[] = [];
  const memory = new Int32Array(new SharedArrayBuffer(8));
  let [taken, onTaken] = [0, (): void => {}];
  const accept = listener.accept.bind(listener);
  listener.accept = async (...how) => {
    const stream = await accept(...how);
    taken++;
    onTaken();
    return stream;
  };
  const onError = (error: unknown): void => void errors.push(error as Error);
  const { finished: counts } = serve({
    workers: 2,
    onConnection,
    data: memory,
    onError,
    ...options,
    listener,
    signal: stop.signal,
  });
  t.after(async () => {
    Atomics.store(memory, 0, 1);
    Atomics.notify(memory, 0);
    stop.abort();
    await counts;
  });
  const client = async (): Promise<Client & { readonly worker: number }> => {
    const made = await talkTo(t, port);
    made.say('who;');
    return { ...made, worker: Number.parseInt(await made.until(';'), 10) };
  };
  const accepted = async (count: number): Promise<void> => {
    while (taken < count) {
      await new Promise<void>((resolve) => {
        onTaken = resolve;
      });
    }
  };
  return { listener, stop, counts, errors, memory, client, accepted };
}

test('each connection goes to the worker that has the fewest', async (t) => {
  const { client, stop, counts } = started(t, { workers: 3 });
  const clients = [await client(), await client(), await client()];
  assert.equal(new Set(clients.map(({ worker }) => worker)).size, 3);
  for (const { say, until } of clients) {
    say('echo;');
    assert.match(await until('echo;'), /echo;$/);
  }
  const [first] = clients;
  first?.socket.end();
  await first?.ended;
  const fourth = await client();
  assert.equal(fourth.worker, first?.worker, 'it has none now');
  for (const { socket } of [...clients, fourth]) socket.end();
  await Promise.all([...clients, fourth].map(({ ended }) => ended));
  stop.abort();
  assert.deepEqual(await counts, { ...none, accepted: 4, finished: 4 });
});

test('connections of a unix listener go to workers too', async (t) => {
  const path = pathIn(t, 'socket');
  const listener = new UnixListener({ path });
  const stop = new AbortController();
  const counts = serve({ listener, workers: 2, onConnection, signal: stop.signal }).finished;
  const client = await UnixStream.connect({ path });
  await client.write(Buffer.from('echo;'));
  const into = Buffer.alloc(16);
  assert.equal(into.toString('utf8', 0, await client.read(into)), 'echo;');
  client.close();
  stop.abort();
  assert.deepEqual(await counts, { ...none, accepted: 1, finished: 1 });
  assert.ok(!existsSync(path));
});

test('a stop lets connections in workers finish, and tells their handlers', async (t) => {
  const { client, stop, counts, listener } = started(t);
  const one = await client();
  stop.abort();
  await new Promise(setImmediate);
  assert.ok(listener.closed);
  // The stop and the question go to the worker on two ways.
  for (let text = ''; !text.endsWith('stopping;'); text = await one.until('')) {
    const answer = once(one.socket, 'data');
    one.say('tell;');
    await answer;
  }
  one.socket.end();
  assert.equal(await one.ended, 'end');
  assert.deepEqual(await counts, { ...none, accepted: 1, finished: 1 });
});

test('what workers have not finished at the deadline is reset', async (t) => {
  const { client, stop, counts } = started(t, { deadlineMs: 20 });
  const clients = [await client(), await client(), await client()];
  stop.abort();
  for (const { ended } of clients) assert.equal(await ended, 'ECONNRESET');
  assert.deepEqual(await counts, { ...none, accepted: 3, reset: 3 });
});

test('a handler that is rejected in a worker ends its connection only, and the error comes with its code', async (t) => {
  const { client, stop, counts, errors } = started(t, { workers: 1 });
  const [first, second] = [await client(), await client()];
  first.say('throw;');
  assert.equal(await first.ended, 'end');
  second.say('echo;');
  await second.until('echo;');
  second.socket.end();
  await second.ended;
  stop.abort();
  assert.deepEqual(await counts, { ...none, accepted: 2, failed: 1, finished: 1 });
  assert.deepEqual(
    errors.map(({ message, stack, ...rest }) => ({ message, rest, where: stack?.includes('connectionModule') })),
    [{ message: 'of the handler', rest: { name: 'RangeError', code: 'ERR_OF_IT' }, where: true }],
  );
});

for (const [what, command, message] of [
  ['an uncaught error', 'crash;', 'in a callback'],
  ['process.exit()', 'exit;', 'A connection worker ended by itself, with exit code 3'],
] as const) {
  test(`a worker that ends by ${what} is replaced, and only the connections in it are lost`, async (t) => {
    const { client, stop, counts, errors } = started(t);
    const [first, second] = [await client(), await client()];
    assert.notEqual(first.worker, second.worker);
    first.say(command);
    assert.equal(await first.ended, 'ECONNRESET');
    const rest = [second, await client(), await client()];
    for (const { say, until, socket, ended } of rest) {
      say('echo;');
      await until('echo;');
      socket.end();
      await ended;
    }
    stop.abort();
    assert.deepEqual(await counts, { ...none, accepted: 4, lost: 1, finished: 3, crashes: 1 });
    assert.deepEqual(
      errors.map((error) => error.message),
      [message],
    );
  });
}

test('connections that a worker had not begun with when it crashed are served by another', async (t) => {
  const { client, stop, counts, memory, listener, accepted } = started(t, { workers: 1 });
  const first = await client();
  first.say('wait, then exit;');
  while (Atomics.load(memory, 1) === 0) await new Promise(setImmediate);
  const others = await Promise.all([1, 2, 3].map(() => talkTo(t, listener.localAddress.port)));
  await accepted(4);
  Atomics.store(memory, 0, 1);
  Atomics.notify(memory, 0);
  assert.equal(await first.ended, 'ECONNRESET');
  for (const { say, until, socket, ended } of others) {
    say('echo;');
    assert.equal(await until('echo;'), 'echo;');
    socket.end();
    await ended;
  }
  stop.abort();
  assert.deepEqual(await counts, { ...none, accepted: 4, lost: 1, finished: 3, crashes: 1 });
});

test('a worker that hangs is ended by force some time after the deadline, and leaves no descriptor', async (t) => {
  const anonymous = (): number => openDescriptors().filter((line) => /eventpoll|eventfd|socket/.test(line)).length;
  const rounds: number[] = [];
  for (let round = 0; round < 3; round++) {
    const { client, stop, counts } = started(t, { deadlineMs: 0, workers: 1 });
    const { say, ended, socket } = await client();
    say('spin;');
    stop.abort();
    assert.equal(await ended, 'ECONNRESET');
    assert.deepEqual(await counts, { ...none, accepted: 1, reset: 1 });
    socket.destroy();
    if (!socket.closed) await once(socket, 'close');
    rounds.push(anonymous());
  }
  assert.equal(rounds[2], rounds[1], openDescriptors().join('\n'));
});

test('a worker that can’t start has the server rejected, and the listener closed', async () => {
  const missing = pathToFileURL('/nowhere/module.js');
  assert.ok(!existsSync(missing));
  for (const [module, message] of [
    [missing, /Cannot find module/],
    [
      new URL('../support/tcpPair.js', import.meta.url),
      /must export a function 'onConnection': current value is undefined/,
    ],
  ] as const) {
    const listener = new TcpListener({ address: '127.0.0.1' });
    await assert.rejects(serve({ listener, workers: 2, onConnection: module }).finished, message);
    assert.ok(listener.closed);
  }
  const listener = new TcpListener({ address: '127.0.0.1' });
  const data = (): void => {};
  await assert.rejects(serve({ listener, workers: 2, onConnection, data }).finished, { name: 'DataCloneError' });
  assert.ok(listener.closed);
});

test('without onError a crash is an uncaught exception', () => {
  const { lines, status, stderr } = runScript(`
    import { serve, TcpListener, TcpStream } from 'epoll-ts/net';
    process.on('uncaughtException', ({ message }) => { console.log('uncaught', message); stop.abort(); });
    const listener = new TcpListener({ address: '127.0.0.1' });
    const { port } = listener.localAddress;
    const stop = new AbortController();
    const onConnection = new URL(${JSON.stringify(onConnection.href)});
    const server = serve({ listener, signal: stop.signal, workers: 1, onConnection, deadlineMs: Infinity });
    const client = await TcpStream.connect({ host: '127.0.0.1', port });
    await client.write(Buffer.from('crash;'));
    await client.read(new Uint8Array(1)).catch(({ code }) => console.log(code));
    client.close();
    const { accepted, lost, crashes } = await server.finished;
    console.log(accepted, lost, crashes);`);
  assert.deepEqual({ status, stderr }, { status: 0, stderr: '' });
  assert.deepEqual(lines.toSorted(), ['1 1 1', 'ECONNRESET', 'uncaught in a callback']);
});

test('a worker thread can serve with workers of its own', async () => {
  const worker = startThread(
    `const { serve, TcpListener, TcpStream } = await import('epoll-ts/net');
     const listener = new TcpListener({ address: '127.0.0.1' });
     const { port } = listener.localAddress;
     const stop = new AbortController();
     const server = serve({ listener, signal: stop.signal, workers: 2, onConnection: new URL(workerData) });
     for (let count = 0; count < 4; count++) {
       const client = await TcpStream.connect({ host: '127.0.0.1', port });
       await client.write(Buffer.from('echo;'));
       await client.read(new Uint8Array(64));
       await client.end();
       await client.read(new Uint8Array(64));
       client.close();
     }
     stop.abort();
     const { accepted, finished } = await server.finished;
     process.exit(accepted === 4 && finished === 4 ? 0 : 1);`,
    onConnection.href,
  );
  assert.equal(await endOf(worker), 0);
});
