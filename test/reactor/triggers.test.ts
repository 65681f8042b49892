// Registrations with a handler, attached to the host's loop: what each trigger delivers, on each kind of readiness.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatEvents, type Registration, type Trigger } from 'epoll-ts';
import {
  accept4,
  AF_INET,
  AF_UNIX,
  bind,
  connect,
  encodeSockaddr,
  EPOLLERR,
  EPOLLHUP,
  EPOLLIN,
  EPOLLONESHOT,
  EPOLLOUT,
  EPOLLPRI,
  EPOLLRDHUP,
  EPOLLWAKEUP,
  getsockname,
  listen,
  MSG_OOB,
  recv,
  send,
  shutdown,
  SHUT_WR,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  SockaddrBuffer,
  socket,
  socketpair,
} from 'epoll-ts/sys';
import type { TestContext } from 'node:test';
import { loopTurns, until } from '../support/loopTurns.ts';
import { opened, openedPair } from '../support/opened.ts';
import { reactorRig } from '../support/reactorRig.ts';

const stream = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;

test('a level trigger reports on every turn until the descriptor is drained', async (t) => {
  const { reactor, counter } = reactorRig(t);
  const efd = counter(1n);
  let calls = 0;
  reactor.register(efd, { readable: true }, (readiness) => {
    assert.equal(readiness, EPOLLIN);
    if (++calls === 3) efd.read();
  });
  await loopTurns(10);
  assert.equal(calls, 3);
});

test('an edge trigger reports once for each arrival, drained or not', async (t) => {
  const { reactor, counter } = reactorRig(t);
  const efd = counter(1n);
  let calls = 0;
  reactor.register(efd, { readable: true, trigger: 'edge' }, () => void calls++);
  await loopTurns();
  assert.equal(calls, 1, 'what is there at registration is an arrival');
  efd.write();
  await loopTurns();
  assert.equal(calls, 2);
  await loopTurns();
  assert.equal(calls, 2);
});

for (const trigger of ['oneshot', 'edge-oneshot'] as const) {
  test(`${trigger} reports once, and once more after each rearm()`, async (t) => {
    const { reactor, counter } = reactorRig(t);
    const efd = counter(1n);
    const armed: boolean[] = [];
    const registration = reactor.register(efd, { readable: true, trigger }, (_, self) => void armed.push(self.armed));
    assert.equal(registration.armed, true);
    await loopTurns();
    efd.write();
    await loopTurns();
    assert.deepEqual(armed, [false]);
    assert.equal(registration.armed, false);
    registration.rearm();
    assert.equal(registration.armed, true);
    await loopTurns();
    assert.deepEqual(armed, [false, false]);
    efd.read();
    registration.rearm();
    await loopTurns();
    assert.equal(armed.length, 2, 'nothing is there to report');
    efd.write();
    await loopTurns();
    assert.equal(armed.length, 3);
  });

  test(`${trigger} with rearm() in its handler reports present readiness on the next turn`, async (t) => {
    const { reactor, counter } = reactorRig(t);
    let calls = 0;
    reactor.register(counter(1n), { readable: true, trigger }, (_, registration) => {
      if (++calls < 3) registration.rearm();
    });
    await loopTurns(10);
    assert.equal(calls, 3);
  });
}

test('modify() changes what is reported, and arms a fired one-shot', async (t) => {
  const { reactor, counter } = reactorRig(t);
  const masks: string[] = [];
  const registration = reactor.register(
    counter(1n),
    { readable: true, trigger: 'oneshot' },
    (mask) => void masks.push(formatEvents(mask)),
  );
  await loopTurns();
  registration.modify({ writable: true, trigger: 'oneshot' });
  assert.equal(registration.mask, EPOLLOUT | EPOLLONESHOT);
  await loopTurns();
  registration.modify({ readable: true, writable: true, trigger: 'edge' });
  await loopTurns();
  assert.deepEqual(masks, ['EPOLLIN', 'EPOLLOUT', 'EPOLLIN|EPOLLOUT']);
  registration.modify({});
  await loopTurns();
  assert.equal(masks.length, 3);
});

test('rearm() on an edge trigger has present readiness reported once more', async (t) => {
  const { reactor, counter } = reactorRig(t);
  let calls = 0;
  const registration = reactor.register(counter(1n), { readable: true, trigger: 'edge' }, () => void calls++);
  await loopTurns();
  registration.rearm();
  await loopTurns();
  assert.equal(calls, 2);
});

test('the handler gets the true mask and its registration', async (t) => {
  const { reactor, pipe } = reactorRig(t);
  const { reader, writer } = pipe();
  const got: [number, Registration][] = [];
  const registration = reactor.register(reader, { readable: true, trigger: 'edge' }, (...args) => void got.push(args));
  writer.write(Buffer.from('x'));
  await loopTurns();
  writer.close();
  await loopTurns();
  assert.deepEqual(
    got.map(([mask]) => mask),
    [EPOLLIN, EPOLLIN | EPOLLHUP],
  );
  assert.ok(got.every(([, self]) => self === registration));
  const other = pipe();
  const errors: number[] = [];
  reactor.register(other.writer, {}, (mask, self) => {
    errors.push(mask);
    self.close();
  });
  other.reader.close();
  await loopTurns();
  assert.deepEqual(errors, [EPOLLERR], 'which nobody has to ask for');
});

test('readHangup tells that the peer has finished sending, apart from the data', async (t) => {
  const { reactor } = reactorRig(t);
  const [ours, theirs] = openedPair(t, socketpair(AF_UNIX, stream, 0));
  const masks: number[] = [];
  reactor.register(ours, { readable: true, readHangup: true, trigger: 'edge' }, (mask) => void masks.push(mask));
  send(theirs, Buffer.from('last words'), 0);
  await loopTurns();
  shutdown(theirs, SHUT_WR);
  await loopTurns();
  assert.deepEqual(masks, [EPOLLIN, EPOLLIN | EPOLLRDHUP]);
});

/** A TCP connection of this process with itself. */
async function tcpPair(t: TestContext): Promise<readonly [number, number]> {
  const listener = opened(t, socket(AF_INET, stream, 0));
  assert.equal(bind(listener, encodeSockaddr({ family: AF_INET, address: '127.0.0.1', port: 0 })), 0);
  assert.equal(listen(listener, 1), 0);
  const name = new SockaddrBuffer();
  assert.equal(getsockname(listener, name), 0);
  const address = name.decode();
  assert.ok(address !== null);
  const client = opened(t, socket(AF_INET, stream, 0));
  connect(client, encodeSockaddr(address));
  let server = -1;
  await until('the connection', () => (server = accept4(listener, null, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0);
  return [client, opened(t, server)];
}

test('priority reports out-of-band data of TCP', async (t) => {
  const { reactor } = reactorRig(t);
  const [client, server] = await tcpPair(t);
  const masks: number[] = [];
  reactor.register(server, { readable: true, priority: true, trigger: 'edge' }, (mask) => void masks.push(mask));
  assert.equal(send(client, Buffer.from('!'), MSG_OOB), 1);
  await until('the urgent byte', () => masks.length > 0);
  assert.equal((masks[0] ?? 0) & EPOLLPRI, EPOLLPRI);
  const urgent = Buffer.alloc(4);
  assert.equal(recv(server, urgent, MSG_OOB), 1);
  assert.equal(urgent.toString('latin1', 0, 1), '!');
});

test('a listening socket and its connection are served by one-shots, re-armed', async (t) => {
  const { reactor } = reactorRig(t);
  const [client, server] = await tcpPair(t);
  const got: string[] = [];
  reactor.register(server, { readable: true, trigger: 'oneshot' }, (_, registration) => {
    const bytes = Buffer.alloc(64);
    const count = recv(server, bytes, 0);
    if (count <= 0) return registration.close();
    got.push(bytes.toString('latin1', 0, count));
    registration.rearm();
  });
  for (const word of ['one', 'two', 'three']) {
    const before = got.length;
    send(client, Buffer.from(word), 0);
    await until(word, () => got.length > before);
  }
  assert.deepEqual(got, ['one', 'two', 'three']);
});

test('wakeup is handed to the kernel, which may strip it', (t) => {
  const { reactor, counter } = reactorRig(t);
  reactor.register(counter(), { readable: true, wakeup: true, trigger: 'oneshot' }, () => {});
  const [entry] = reactor.snapshot().registrations;
  assert.ok(entry !== undefined);
  assert.equal(entry.events & EPOLLWAKEUP, EPOLLWAKEUP);
  assert.ok(entry.kernelEvents !== null);
  assert.equal((entry.kernelEvents | EPOLLWAKEUP) >>> 0, (entry.events | EPOLLERR | EPOLLHUP) >>> 0);
});

for (const trigger of ['level', 'edge'] as const satisfies readonly Trigger[]) {
  test(`exclusive with ${trigger}: a handler is called, and modify() and rearm() are refused`, async (t) => {
    const { reactor, counter } = reactorRig(t);
    const efd = counter(1n);
    let calls = 0;
    const registration = reactor.register(efd, { exclusive: true, readable: true, trigger }, () => {
      calls++;
      efd.read();
    });
    await loopTurns();
    efd.write();
    await loopTurns();
    assert.equal(calls, 2);
    const refusing = registration as unknown as Registration;
    assert.throws(() => refusing.modify({ readable: true }), TypeError);
    assert.throws(() => refusing.rearm(), TypeError);
    registration.close();
    assert.deepEqual(reactor.snapshot().ghosts, []);
  });
}

test('modify() to exclusive is refused', (t) => {
  const { reactor, counter } = reactorRig(t);
  const registration = reactor.register(counter(), { readable: true }, () => {});
  const interest = { exclusive: true, readable: true } as unknown as { readable: true };
  assert.throws(() => registration.modify(interest), { name: 'TypeError', message: /register again$/ });
  assert.equal(registration.mask, EPOLLIN);
});

test('a handler that is no function is refused', (t) => {
  const { reactor, counter } = reactorRig(t);
  for (const handler of [null, {}, 'handler', 1]) {
    assert.throws(() => reactor.register(counter(), { readable: true }, handler as unknown as () => void), TypeError);
    assert.throws(() => reactor.waker(handler as unknown as () => void), TypeError);
  }
});
