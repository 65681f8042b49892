// Every constructor and function that takes options refuses what is no options object, and a member that it does not
// know.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { Epoll, EventFd, PressureStall, Reactor, SignalFd, TimerFd } from 'epoll-ts';
import { inspectProcess, sampleProcess } from 'epoll-ts/inspect';
import {
  fdReadable,
  fdWritable,
  serve,
  StreamSet,
  TcpListener,
  TcpStream,
  UdpSocket,
  UnixListener,
  UnixStream,
} from 'epoll-ts/net';
import { EpollEventBuffer } from 'epoll-ts/sys';

const into = new Uint8Array(8);

/** Each call, with the options as its one parameter. */
type Calls = Readonly<Record<string, (options: never) => unknown>>;

function calls(t: TestContext): Calls {
  const ep = new Epoll();
  const reactor = new Reactor();
  const counter = new EventFd();
  const registration = reactor.register(counter, { readable: true });
  const timer = new TimerFd();
  t.after(() => {
    for (const object of [ep, reactor, counter, timer]) object.close();
  });
  return {
    'new EventFd': (options) => new EventFd(options),
    'new TimerFd': (options) => new TimerFd(options),
    'TimerFd.set': (options) => timer.set(options),
    'new SignalFd': (options) => new SignalFd(['SIGHUP'], options),
    'new PressureStall': (options) => new PressureStall('memory', options),
    'Epoll.wait': (options) => ep.wait(new EpollEventBuffer(1), options),
    'new Reactor': (options) => new Reactor(options),
    'Reactor.run': (options) => reactor.run(options),
    'Reactor.register': (options) => reactor.register(counter, options),
    'Registration.modify': (options) => registration.modify(options),
    'Registration.readable': (options) => registration.readable(options),
    'Registration.writable': (options) => registration.writable(options),
    'Registration.ready': (options) => registration.ready(options),
    inspectProcess: (options) => inspectProcess(process.pid, options),
    sampleProcess: (options) => sampleProcess(process.pid, options),
  };
}

function netCalls(t: TestContext): Calls {
  const counter = new EventFd();
  const listener = new TcpListener({ address: '127.0.0.1' });
  const unixListener = new UnixListener({ path: `\0refusedOptions ${process.pid}` });
  const udp = new UdpSocket({ address: '127.0.0.1' });
  const [stream, peer] = UnixStream.pair();
  const set = new StreamSet();
  t.after(() => {
    for (const object of [counter, listener, unixListener, udp, stream, peer, set]) object.close();
  });
  return {
    'new TcpListener': (options) => new TcpListener(options),
    'TcpListener.listen': (options) => TcpListener.listen(options),
    'TcpListener.attach': (options) => TcpListener.attach(listener.fd, options),
    'TcpListener.from': (options) => TcpListener.from(listener.fd, options),
    'Listener.accept': (options) => listener.accept(options),
    'TcpStream.connect': (options) => TcpStream.connect(options),
    'TcpStream.attach': (options) => TcpStream.attach(listener.fd, options),
    'new UnixListener': (options) => new UnixListener(options),
    'UnixListener.attach': (options) => UnixListener.attach(unixListener.fd, options),
    'UnixStream.connect': (options) => UnixStream.connect(options),
    'UnixStream.attach': (options) => UnixStream.attach(stream.fd, options),
    'UnixStream.pair': (options) => UnixStream.pair(options),
    'ByteStream.read': (options) => stream.read(into, options),
    'ByteStream.write': (options) => stream.write(into, options),
    'ByteStream.writev': (options) => stream.writev([into], options),
    'ByteStream.toDuplex': (options) => stream.toDuplex(options),
    'Socket.untilReadable': (options) => stream.untilReadable(options),
    'Socket.untilWritable': (options) => stream.untilWritable(options),
    'UnixStream.sendFds': (options) => stream.sendFds(into, [counter], options),
    'UnixStream.receiveFds': (options) => stream.receiveFds(into, options),
    'new UdpSocket': (options) => new UdpSocket(options),
    'UdpSocket.attach': (options) => UdpSocket.attach(udp.fd, options),
    'UdpSocket.connect': (options) => udp.connect({ host: '127.0.0.1', port: 9 }, options),
    'UdpSocket.send': (options) => udp.send(into, { address: '127.0.0.1', port: 9 }, options),
    'UdpSocket.receive': (options) => udp.receive(into, options),
    'StreamSet.add': (options) => set.add(peer, options),
    'StreamSet.take': (options) => set.take(options),
    fdReadable: (options) => fdReadable(stream, options),
    fdWritable: (options) => fdWritable(stream, options),
    serve: (options) => serve(options),
  };
}

for (const [what, given] of [
  ['an unknown member', { nonsense: 1 }],
  ['a number', 8085],
  ['a text', 'text'],
  ['an array', []],
  ['null', null],
  ['a promise, of which someone forgot to await the value', Promise.resolve({})],
] as const) {
  test(`options that are ${what} are refused, by every call`, async (t) => {
    const accepted: string[] = [];
    for (const [name, call] of Object.entries({ ...calls(t), ...netCalls(t) })) {
      const outcome: unknown = await settled(() => call(given as never));
      // By the reader of options, not for another reason.
      const refused =
        outcome instanceof TypeError && /'nonsense' is unknown: |must be an object such as \{/.test(outcome.message);
      if (!refused) accepted.push(`${name}: ${String(outcome)}`);
    }
    assert.deepEqual(accepted, []);
  });
}

/** What a call throws or rejects with; `'accepted'` where it does neither at once. */
async function settled(call: () => unknown): Promise<unknown> {
  try {
    const result = call();
    if (!(result instanceof Promise)) return 'accepted';
    return await Promise.race([result.then(() => 'accepted'), setImmediate('accepted')]);
  } catch (error) {
    return error;
  }
}
