import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Epoll, EventFd, Pipe, Reactor } from 'epoll-ts';
import {
  fdReadable,
  fdWritable,
  serve,
  StreamSet,
  TcpListener,
  threadReactor,
  UdpSocket,
  UnixListener,
  UnixStream,
} from 'epoll-ts/net';
import { EPOLLIN } from 'epoll-ts/sys';
import { openDescriptors } from '../../support/openDescriptors.ts';

// What the fuzzer found in `epoll-ts/net`, one test each.

const address = '127.0.0.1';

/** The options, and a `reactor` that throws when it is looked at. */
function throwing<T extends object>(options: T): T {
  return Object.defineProperty(options, 'reactor', {
    enumerable: true,
    get() {
      throw new Error('a getter');
    },
  });
}

/** The descriptors that it opens and leaves open. */
function leftOpen(use: () => void): string[] {
  const before = openDescriptors();
  use();
  return openDescriptors().filter((line) => !before.includes(line));
}

test('an option that throws when it is looked at leaves no new socket open', () => {
  for (const make of [
    () => new TcpListener(throwing({ address })),
    () => new UdpSocket(throwing({ address })),
    () => new UnixListener(throwing({ path: `\0regression ${process.pid}` })),
    () => UnixStream.pair(throwing({})),
  ]) {
    assert.deepEqual(
      leftOpen(() => assert.throws(make, /a getter/)),
      [],
    );
  }
});

test('an option that throws when it is looked at leaves a socket with the owner that was to give it away', () => {
  const [stream, peer] = UnixStream.pair();
  const given = [
    { socket: stream, take: () => UnixStream.attach(stream, throwing({})) },
    {
      socket: new UdpSocket({ address }),
      take: (socket: object) => UdpSocket.attach(socket as UdpSocket, throwing({})),
    },
    {
      socket: new TcpListener({ address }),
      take: (socket: object) => TcpListener.attach(socket as TcpListener, throwing({})),
    },
    {
      socket: new UnixListener({ path: `\0regression ${process.pid}` }),
      take: (socket: object) => UnixListener.attach(socket as UnixListener, throwing({})),
    },
  ];
  for (const { socket, take } of given) {
    assert.throws(() => take(socket), /a getter/);
    assert.equal(socket.closed, false);
    socket.close();
  }
  peer.close();
});

test('attach takes the number that it has looked at, however often it is asked for', () => {
  const [stream, peer] = UnixStream.pair();
  const fd = stream.detach();
  const asked: number[] = [];
  const other = new EventFd();
  const target = {
    get fd() {
      return asked.push(fd) === 1 ? fd : other.fd;
    },
  };
  const taken = UnixStream.attach(target);
  assert.equal(taken.fd, fd);
  for (const object of [taken, peer, other]) object.close();
});

test('a stream whose signal is none leaves no descriptor and no registration behind', (t) => {
  t.after(() => threadReactor().close()); // one that is left would keep the process alive
  const pipe = new Pipe();
  const { length } = threadReactor().snapshot().registrations;
  const signal = 5 as never;
  assert.deepEqual(
    leftOpen(() => {
      assert.throws(() => fdReadable(pipe.reader, { signal }), TypeError);
      assert.throws(() => fdWritable(pipe.writer, { signal }), TypeError);
    }).filter((line) => !line.includes('eventpoll')), // the loop's duplicate stays until the loop turns
    [],
  );
  assert.equal(threadReactor().snapshot().registrations.length, length);
  pipe.close();
});

test('what a child class calls its fd is nothing to closing and giving away', () => {
  let throws = false;
  const other = (): number => {
    if (throws) throw new Error('a getter');
    return 0x7fff_ffff;
  };
  class Listener extends TcpListener {
    override get fd(): number {
      return throws ? other() : super.fd;
    }
  }
  class Watcher extends Epoll {
    override get fd(): number {
      return throws ? other() : super.fd;
    }
  }
  class Turning extends Reactor {
    override get fd(): number {
      return throws ? other() : super.fd;
    }
  }
  class Shared extends StreamSet {
    override get fd(): number {
      return other();
    }
  }
  const left = leftOpen(() => {
    const [listener, epoll, reactor, counter] = [
      new Listener({ address }),
      new Watcher(),
      new Turning(),
      new EventFd(),
    ];
    epoll.add(counter, EPOLLIN);
    reactor.register(counter, { readable: true }, () => {});
    const set = new Shared();
    const [one, peer] = UnixStream.pair();
    set.add(one);
    throws = true;
    counter.close();
    set.close();
    // The number that is given away is the socket's.
    const attached = TcpListener.attach(listener.detach());
    throws = false;
    for (const object of [attached, epoll, reactor, peer]) object.close();
  });
  assert.deepEqual(
    left.filter((line) => !line.includes('eventpoll')), // the loop's duplicate
    [],
  );
});

test('a StreamSet that is made without its class hands nothing to C that is no number', () => {
  const set = Reflect.construct(StreamSet, [], Object) as object;
  (Object.setPrototypeOf(set, StreamSet.prototype) as StreamSet).close();
});

test('serve looks at its options once: a getter that answers otherwise the next time starts no threads', async () => {
  const listener = new TcpListener({ address });
  let asked = 0;
  const options = {
    listener,
    signal: AbortSignal.abort(),
    onConnection: () => {},
    get workers() {
      asked++;
      return undefined;
    },
  };
  await serve(options).finished;
  assert.equal(asked, 1);
});
