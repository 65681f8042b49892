// What `for await`, a race with a timeout and `Readable.from(…).destroy()` do with an iterator while its `next()`
// waits.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { test, type TestContext } from 'node:test';
import { EventFd, OwnedFd, Reactor } from 'epoll-ts';
import { TcpListener, TcpStream, UdpSocket, UnixListener, UnixStream } from 'epoll-ts/net';
import { expectScript } from '../support/childScript.ts';
import { closing } from '../support/closing.ts';
import { inTime, loopTurns } from '../support/loopTurns.ts';

interface Source {
  readonly iterable: AsyncIterable<unknown>;
  /** Makes that there is one more value. */
  feed(): Promise<unknown>;
  /** Takes a value as one who does not iterate. */
  take(): Promise<unknown>;
}

const kinds: Readonly<Record<string, (t: TestContext) => Source>> = {
  TcpListener: (t) => {
    const listener = closing(t, new TcpListener({ address: '127.0.0.1' }));
    const { port } = listener.localAddress;
    const feed = async () => closing(t, await TcpStream.connect({ host: '127.0.0.1', port }));
    return { iterable: listener, feed, take: () => listener.accept() };
  },
  UnixListener: (t) => {
    const path = `\0epoll-ts-iteration-${process.pid}`;
    const listener = closing(t, new UnixListener({ path }));
    const feed = async () => closing(t, await UnixStream.connect({ path }));
    return { iterable: listener, feed, take: () => listener.accept() };
  },
  UdpSocket: (t) => {
    const socket = closing(t, new UdpSocket({ address: '127.0.0.1' }));
    const client = closing(t, new UdpSocket({ address: '127.0.0.1' }));
    const feed = () => client.send(Buffer.from('x'), socket.localAddress);
    return { iterable: socket, feed, take: () => socket.receive(new Uint8Array(8)) };
  },
  Registration: (t) => {
    const reactor = closing(t, new Reactor());
    const counter = closing(t, new EventFd());
    const registration = reactor.register(counter, { readable: true });
    return { iterable: registration, feed: async () => counter.write(1n), take: () => registration.readable() };
  },
};

/** Closes a value that is a connection. */
function used(value: unknown): unknown {
  if (value instanceof OwnedFd) value.close();
  return value;
}

const end = { value: undefined, done: true };

for (const [name, make] of Object.entries(kinds)) {
  test(`${name}: return() settles while next() waits, and next() says that there is no more; nothing is lost`, async (t) => {
    const { iterable, feed, take } = make(t);
    const iterator = iterable[Symbol.asyncIterator]();
    const waiting = [iterator.next(), iterator.next()];
    await loopTurns();
    assert.ok(iterator.return !== undefined);
    assert.deepEqual(await inTime('return()', iterator.return()), end);
    assert.deepEqual(await inTime('both next()', Promise.all(waiting)), [end, end]);
    assert.deepEqual(await inTime('next() after the end', iterator.next()), end);
    await feed();
    assert.ok(used(await inTime('what came after the end', take())) !== undefined);
  });

  test(`${name}: a value that next() has taken when return() is called is delivered`, async (t) => {
    const { iterable, feed } = make(t);
    const iterator = iterable[Symbol.asyncIterator]();
    const next = iterator.next();
    await feed();
    const { value, done } = await inTime('next()', next);
    await iterator.return?.();
    assert.equal(done, false);
    assert.ok(used(value) !== undefined);
  });

  test(`${name}: a Readable made of it is destroyed while it waits, and closes`, async (t) => {
    const readable = Readable.from(make(t).iterable);
    readable.resume();
    await loopTurns();
    const closed = once(readable, 'close');
    readable.destroy();
    await inTime("'close'", closed);
  });
}

test('the process is free to end once an iterator that waits was left', () => {
  expectScript(
    `import { EventFd, Reactor } from 'epoll-ts';
     import { TcpListener, UdpSocket } from 'epoll-ts/net';
     const registration = new Reactor().register(new EventFd(), { readable: true });
     const iterators = [new TcpListener({ address: '127.0.0.1' }), new UdpSocket(), registration].map((all) => all[Symbol.asyncIterator]());
     globalThis.kept = [registration, iterators];
     const waiting = iterators.map((iterator) => iterator.next());
     setImmediate(async () => {
       for (const iterator of iterators) await iterator.return();
       console.log(JSON.stringify(await Promise.all(waiting)));
     });`,
    ['[{"done":true},{"done":true},{"done":true}]'],
  );
});

test('UDP: that nobody received an earlier datagram does not end the iteration', async (t) => {
  const gone = new UdpSocket({ address: '127.0.0.1' });
  const peer = gone.localAddress;
  const socket = closing(t, new UdpSocket({ address: '127.0.0.1' }));
  await socket.connect(peer);
  const iterator = socket[Symbol.asyncIterator]();
  const next = iterator.next();
  await gone.send(Buffer.from('one'), socket.localAddress);
  const first = await inTime('a datagram', next);
  assert.equal(Buffer.from(first.value?.data ?? []).toString(), 'one');
  gone.close();
  await socket.send(Buffer.from('into the void'));
  const second = iterator.next();
  await loopTurns();
  const back = closing(t, new UdpSocket({ address: peer.address, port: peer.port }));
  await back.send(Buffer.from('two'), socket.localAddress);
  const { value } = await inTime('the next datagram', second);
  assert.equal(Buffer.from(value?.data ?? []).toString(), 'two');
});
