import assert from 'node:assert/strict';
import { readlinkSync } from 'node:fs';
import { test, type TestContext } from 'node:test';
import { inspect } from 'node:util';
import { type ByteStream, type ConnectionContext, serve, TcpListener, TcpStream } from 'epoll-ts/net';
import { close } from 'epoll-ts/sys';
import { postedError } from '#epoll/net/serve/postedError.js';
import { expectScript } from '../support/childScript.ts';
import { closing } from '../support/closing.ts';
import { until } from '../support/loopTurns.ts';
import { talkTo } from '../support/talkTo.ts';
import { untilQueued } from '../support/untilQueued.ts';

/** A listener, and how to connect to it. */
function listening(t: TestContext): { listener: TcpListener; port: number; client: () => Promise<TcpStream> } {
  const listener = closing(t, new TcpListener({ address: '127.0.0.1' }));
  const { port } = listener.localAddress;
  const client = async (): Promise<TcpStream> => closing(t, await TcpStream.connect({ host: '127.0.0.1', port }));
  return { listener, port, client };
}

/** The URL of a module with this text. */
const moduleOf = (text: string): URL => new URL(`data:text/javascript,${encodeURIComponent(text)}`);

async function untilEnd(stream: ByteStream): Promise<void> {
  while ((await stream.read(new Uint8Array(64))) > 0);
}

test('serve() answers a server at once, whose counts are of the moment; close() gives those of the end', async (t) => {
  const { listener, client } = listening(t);
  const server = serve({ listener, onConnection: untilEnd });
  assert.equal(server.constructor.name, 'Server');
  assert.equal(server.open, 0);
  const one = await client();
  await until('the connection is accepted', () => server.open === 1);
  assert.equal(server.counts.accepted, 1);
  assert.match(inspect(server), /^Server \{\s+open: 1,\s+counts: \{\s+accepted: 1,/);
  const closed = server.close();
  assert.equal(server.close(), closed, 'it is finished');
  assert.equal(closed, server.finished);
  one.close();
  assert.deepEqual(await closed, {
    accepted: 1,
    finished: 1,
    failed: 0,
    broken: 0,
    reset: 0,
    lost: 0,
    crashes: 0,
  });
  assert.equal(server.open, 0);
  assert.ok(listener.closed);
});

test('`await using` closes the server', async (t) => {
  const { listener } = listening(t);
  {
    await using server = serve({ listener, onConnection: untilEnd });
    assert.equal(server.open, 0);
  }
  assert.ok(listener.closed);
});

test('with maxConnections the others wait in the queue, and each that ends lets one in', async (t) => {
  const { listener, port, client } = listening(t);
  let most = 0;
  const server = serve({
    listener,
    maxConnections: 2,
    async onConnection(stream) {
      most = Math.max(most, server.open);
      await stream.write(Buffer.from('hi'));
      await untilEnd(stream);
    },
  });
  const clients = [await client(), await client(), await client(), await client()];
  await until('two are accepted', () => server.open === 2);
  await untilQueued(port, 2);
  for (const each of clients) {
    assert.equal(await each.read(new Uint8Array(8)), 2);
    each.close();
  }
  assert.equal((await server.close()).finished, 4);
  assert.equal(most, 2);
});

test('a full server hears of its stop, and of its listener that is closed', async (t) => {
  for (const stop of ['close', 'listener', 'signal'] as const) {
    const { listener, client } = listening(t);
    const controller = new AbortController();
    const server = serve({
      listener,
      maxConnections: 1,
      signal: controller.signal,
      onConnection: (stream, { signal }) => stream.read(new Uint8Array(1), { signal }).then(() => {}),
    });
    await client();
    await until('it is full', () => server.open === 1);
    if (stop === 'listener') listener.close();
    else if (stop === 'signal') controller.abort();
    else void server.close();
    assert.equal((await server.finished).finished, 1, stop);
  }
});

test('wrong limits are refused', (t) => {
  const { listener } = listening(t);
  for (const [maxConnections, error] of [
    [0, RangeError],
    [1.5, RangeError],
    ['1', TypeError],
  ] as const) {
    const options = { listener, onConnection: untilEnd, maxConnections: maxConnections as number };
    assert.throws(() => serve(options), error);
  }
  const misspelled = { listener, onConnection: untilEnd, maxConnection: 1 };
  assert.throws(() => serve(misspelled), /'maxConnection' is unknown: did you mean 'maxConnections'\?/);
});

test('context.signal is each connection’s own, and no number of waits with it is warned of', () => {
  expectScript(
    `import { serve, TcpListener, TcpStream } from 'epoll-ts/net';
     process.on('warning', ({ name }) => console.log(name));
     const listener = new TcpListener({ address: '127.0.0.1' });
     const { port } = listener.localAddress;
     const signals = new Set();
     const server = serve({ listener, async onConnection(stream, { signal }) {
       signals.add(signal);
       switch (signals.size % 3) {
         case 0: return stream.read(new Uint8Array(8), { signal }).then(() => {});
         case 1: return new Promise((resolve) => {
           for (let i = 0; i < 20; i++) signal.addEventListener('abort', resolve);
         });
         default: {
           const duplex = stream.toDuplex({ signal });
           duplex.on('error', () => {});
           duplex.resume();
           return new Promise((resolve) => duplex.on('close', resolve));
         }
       }
     } });
     const clients = [];
     for (let i = 0; i < 45; i++) clients.push(await TcpStream.connect({ host: '127.0.0.1', port }));
     while (signals.size < 45) await new Promise(setImmediate);
     const { finished } = await server.close();
     console.log(finished, [...signals].every(({ aborted }) => aborted));
     for (const client of clients) client.close();`,
    ['45 true'],
  );
});

test('what still waits for the stop behind a connection that has ended is told', async (t) => {
  const { listener, client } = listening(t);
  let [told, quiet] = [false, undefined as AbortSignal | undefined];
  let calls = 0;
  const onConnection = (stream: ByteStream, { signal }: ConnectionContext): void => {
    if (++calls === 1) signal.addEventListener('abort', () => (told = true));
    else quiet = signal;
    stream.close();
  };
  const server = serve({ listener, onConnection });
  await client();
  await client();
  await until('both have ended', () => server.counts.finished === 2);
  await server.close();
  assert.ok(told);
  assert.equal(quiet?.aborted, false, 'nothing is kept for a signal that nobody listens to');
});

test('a handler that throws what can’t be told, or can’t be cloned, costs its own connection', async (t) => {
  const text = `
    const odd = [
      () => Object.assign(new Error('a name that is a symbol'), { name: Symbol('odd') }),
      () => Object.defineProperty(new Error(), 'message', { get() { throw new Error('from the getter'); } }),
      () => Object.defineProperty(new Error('a stack that is a function'), 'stack', { value: () => {} }),
      () => Object.assign(new Error('its code is an object'), { code: { of: () => {} } }),
      () => { const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return proxy; },
      () => new Proxy(new Error(), { getPrototypeOf() { throw new Error('from the trap'); } }),
      () => Symbol('thrown'),
      () => () => {},
    ];
    export async function onConnection(stream) {
      const into = new Uint8Array(1);
      await stream.read(into);
      if (into[0] === 0x2e) return stream.write(Buffer.from('.'));
      throw odd[into[0] - 0x30]();
    }`;
  for (const workers of [undefined, 1]) {
    const { listener, client } = listening(t);
    const module = moduleOf(text);
    const errors: unknown[] = [];
    const onError = (error: unknown): void => void errors.push(error);
    const { onConnection } = (await import(module.href)) as { onConnection: (stream: ByteStream) => Promise<void> };
    const server =
      workers === undefined
        ? serve({ listener, onConnection, onError })
        : serve({ listener, workers, onConnection: module, onError });
    const bystander = await client();
    for (let index = 0; index < 8; index++) {
      const one = await client();
      await one.write(Buffer.from(String(index)));
      assert.equal(await one.read(new Uint8Array(1)), 0);
    }
    await bystander.write(Buffer.from('.'));
    assert.equal(await bystander.read(new Uint8Array(1)), 1);
    bystander.close();
    const { failed, finished, crashes } = await server.close();
    assert.deepEqual({ failed, finished, crashes }, { failed: 8, finished: 1, crashes: 0 });
    assert.equal(errors.length, 8);
    if (workers !== undefined) assert.ok(errors.every((error) => error instanceof Error));
  }
});

test('of an error only texts are posted', () => {
  const code = Object.assign(new RangeError('text'), { code: 'ERR_IT' });
  assert.deepEqual(postedError(code), { name: 'RangeError', message: 'text', stack: code.stack, code: 'ERR_IT' });
  assert.equal(postedError(undefined), undefined);
  assert.equal(postedError(null)?.message, 'null');
});

test('a worker whose replacement did not start is tried again, and what waits meanwhile is served', async (t) => {
  const { listener, client } = listening(t);
  const starts = new Int32Array(new SharedArrayBuffer(4));
  const module = moduleOf(`
    import { workerData } from 'node:worker_threads';
    const start = Atomics.add(workerData.data, 0, 1);
    if (start === 1 || start === 2) throw new Error('not now');
    export async function onConnection(stream) {
      const into = new Uint8Array(1);
      await stream.read(into);
      if (into[0] === 0x78) process.exit(3);
      await stream.write(into);
    }`);
  const errors: string[] = [];
  const server = serve({
    listener,
    workers: 1,
    onConnection: module,
    data: starts,
    onError: (error) => errors.push((error as Error).message),
  });
  const first = await client();
  await first.write(Buffer.from('x'));
  await first.read(new Uint8Array(1)).catch(() => 0);
  const second = await client();
  await second.write(Buffer.from('y'));
  assert.equal(await second.read(new Uint8Array(1)), 1);
  second.close();
  const { lost, finished, crashes } = await server.close();
  assert.deepEqual({ lost, finished, crashes }, { lost: 1, finished: 1, crashes: 1 });
  assert.deepEqual(errors, ['A connection worker ended by itself, with exit code 3', 'not now', 'not now']);
});

test('when no worker is left and none can be started any more, the server fails, and says why', async (t) => {
  const { listener, client } = listening(t);
  const starts = new Int32Array(new SharedArrayBuffer(4));
  const module = moduleOf(`
    import { workerData } from 'node:worker_threads';
    if (Atomics.add(workerData.data, 0, 1) > 0) throw new Error('gone for good');
    export const onConnection = () => process.exit(3);`);
  const server = serve({ listener, workers: 1, onConnection: module, data: starts, onError: () => {} });
  await client();
  await assert.rejects(server.finished, { message: 'gone for good' });
  assert.equal(starts[0], 6, 'the first, and five that did not start');
  assert.ok(listener.closed);
});

test('numbers that a worker has closed in order are not closed once more at its exit', async (t) => {
  const { listener } = listening(t);
  const numbers = new Int32Array(new SharedArrayBuffer(4 * 8));
  const onConnection = new URL('../support/openingAtExit.js', import.meta.url);
  await serve({ listener, workers: 1, onConnection, data: numbers }).close();
  for (const fd of numbers) {
    assert.equal(readlinkSync(`/proc/self/fd/${fd}`), '/dev/null');
    close(fd);
  }
});

test('after a server with workers has ended no timer is left', () => {
  expectScript(
    `import { serve, TcpListener } from 'epoll-ts/net';
     const onConnection = new URL('data:text/javascript,export const onConnection = () => {};');
     const listener = new TcpListener({ address: '127.0.0.1' });
     await serve({ listener, workers: 2, onConnection }).close();
     console.log(process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length);`,
    ['0'],
  );
});

test('a connection is reset at the deadline, and its peer told', async (t) => {
  const { listener, port } = listening(t);
  const server = serve({ listener, deadlineMs: 0, onConnection: untilEnd });
  const client = await talkTo(t, port);
  await until('it is accepted', () => server.open === 1);
  assert.equal((await server.close()).reset, 1);
  assert.equal(await client.ended, 'ECONNRESET');
});

test('a server can be awaited: then, catch and finally are those of finished', async () => {
  const listener = new TcpListener({ address: '127.0.0.1' });
  const server = serve({ listener, onConnection: (stream) => stream.close() });
  const ends: string[] = [];
  const after = [
    server.then(() => ends.push('then')),
    server.catch(() => ends.push('catch')),
    server.finally(() => ends.push('finally')),
  ];
  await server.close();
  await Promise.all(after);
  assert.deepEqual(await server, await server.finished);
  assert.deepEqual(ends.sort(), ['finally', 'then']);

  const failing = serve({
    listener: new TcpListener({ address: '127.0.0.1' }),
    workers: 1,
    onConnection: new URL('data:text/javascript,'),
  });
  await assert.rejects(async () => failing, /onConnection/);
  assert.equal(await failing.catch(() => 'caught'), 'caught');
});
