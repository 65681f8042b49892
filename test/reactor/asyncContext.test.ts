// AsyncLocalStorage: a callback runs in the context in which it was given, as those of Node's own objects do.
import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { test } from 'node:test';
import { TcpListener, TcpStream } from 'epoll-ts/net';
import { runScript } from '../support/childScript.ts';
import { inTime, loopTurns, until } from '../support/loopTurns.ts';
import { reactorRig } from '../support/reactorRig.ts';

const storage = new AsyncLocalStorage<string>();

for (const trigger of ['level', 'edge', 'oneshot'] as const) {
  test(`${trigger}: a handler runs in the context of its own register(), also at the second event`, async (t) => {
    const { reactor, counter } = reactorRig(t);
    const seen: (string | undefined)[] = [];
    const [first, second, none] = [counter(), counter(), counter()];
    for (const [store, efd] of [
      ['first', first],
      ['second', second],
    ] as const) {
      storage.run(store, () => {
        reactor.register(efd, { readable: true, trigger }, (_, registration) => {
          efd.read();
          seen.push(storage.getStore());
          if (trigger === 'oneshot') registration.rearm();
        });
      });
    }
    reactor.register(none, { readable: true, trigger }, (_, registration) => {
      none.read();
      seen.push(storage.getStore());
      if (trigger === 'oneshot') storage.run('rearm', () => registration.rearm());
    });
    for (let round = 0; round < 2; round++) {
      for (const efd of [first, second, none]) {
        storage.run('writer', () => efd.write());
        await until('the event', () => seen.length > 0);
        assert.deepEqual(seen.splice(0), [efd === first ? 'first' : efd === second ? 'second' : undefined]);
      }
    }
  });
}

test('a waker runs in the context of waker(), and a promise in that of its await', async (t) => {
  const { reactor, counter } = reactorRig(t);
  let woken: string | undefined;
  const waker = storage.run('waker', () => reactor.waker(() => (woken = storage.getStore())));
  waker.wake();
  await until('the event', () => woken !== undefined);
  assert.equal(woken, 'waker');
  const efd = counter();
  const registration = reactor.register(efd, { readable: true });
  const store = storage.run('await', async () => {
    await registration.readable();
    return storage.getStore();
  });
  efd.write();
  assert.equal(await inTime('readable()', store), 'await');
});

test('onReadiness and a Duplex run in the contexts in which they were given, whoever waited first', async (t) => {
  const listener = new TcpListener({ address: '127.0.0.1' });
  const client = await TcpStream.connect({ host: '127.0.0.1', port: listener.localAddress.port });
  const server = await listener.accept();
  t.after(() => [client, server, listener].forEach((socket) => socket.close()));
  const stop = new AbortController();
  const waiting = storage.run('first', () => server.read(Buffer.alloc(1), { signal: stop.signal }));
  await loopTurns();
  stop.abort();
  await assert.rejects(waiting);
  const seen: (string | undefined)[] = [];
  storage.run('handler', () => (server.onReadiness = () => void seen.push(storage.getStore())));
  await client.write(Buffer.from('x'));
  await until('the event', () => seen.length > 0);
  assert.deepEqual(new Set(seen), new Set(['handler']));
  seen.length = 0;
  server.onReadiness = () => void seen.push(storage.getStore());
  await client.write(Buffer.from('x'));
  await until('the event', () => seen.length > 0);
  assert.deepEqual(new Set(seen), new Set([undefined]));
  server.onReadiness = undefined;
  const data = new Promise<string | undefined>((resolve) => {
    const duplex = storage.run('duplex', () => client.toDuplex());
    duplex.on('data', () => resolve(storage.getStore()));
  });
  await loopTurns();
  await server.write(Buffer.from('x'));
  assert.equal(await inTime('the data', data), 'duplex');
});

test('the stores of whoever imported the package and attached the reactor first reach nobody', () => {
  const { lines, stderr } = runScript(`
    import { AsyncLocalStorage } from 'node:async_hooks';
    const storage = new AsyncLocalStorage();
    const { EventFd, Reactor } = await storage.run('importer', () => import('epoll-ts'));
    const reactor = new Reactor();
    const [first, second] = [new EventFd(), new EventFd()];
    storage.run('first', () => reactor.register(first, { readable: true, trigger: 'edge' }, () => {}));
    reactor.register(second, { readable: true, trigger: 'edge' }, () => {
      console.log(storage.getStore());
      reactor.close();
      first.close();
      second.close();
    });
    second.write();
  `);
  assert.deepEqual(lines, ['undefined'], stderr);
});
