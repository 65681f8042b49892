// Programs that freeze the intrinsics (SES, --frozen-intrinsics), and programs that have their own
// Error.stackTraceLimit.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { EventFd } from 'epoll-ts';
import { runNode } from '../support/runNode.ts';

const makesAll = `
  const { EventFd, Pipe, TimerFd, Inotify, Reactor, Epoll, ClosedError, SystemError } = await import('epoll-ts');
  const { TcpListener, TcpStream, UdpSocket } = await import('epoll-ts/net');
  const { readdirSync } = await import('node:fs');
  new EventFd().close();
  const before = readdirSync('/proc/self/fd').length;
  for (const type of [EventFd, Pipe, TimerFd, Inotify, Reactor, Epoll, UdpSocket]) new type().close();
  const listener = new TcpListener({ address: '127.0.0.1' });
  const client = await TcpStream.connect({ host: '127.0.0.1', port: listener.localAddress.port });
  const server = await listener.accept();
  await server.write(Buffer.from('hello'));
  console.log(await client.read(new Uint8Array(8)));
  for (const socket of [client, server, listener]) socket.close();
  console.log((await client.read(new Uint8Array(1)).catch((error) => error)).name);
  try { new Epoll().add(1e6, 1); } catch (error) { console.log(error.name, error.code); }
`;
const expected = '5\nClosedError\nSystemError EBADF\n';

// What SES freezes: all that is reachable from the global object. Enough for an assignment to an inherited property to
// throw.
const frozen = `
  for (const type of [Error, TypeError, RangeError, Object, Function, Array, Map, Set, Promise, Symbol, Uint8Array]) {
    Object.freeze(type.prototype);
    Object.freeze(type);
  }
`;

test('every object is made, used and closed under --frozen-intrinsics', () => {
  const { status, stdout, stderr } = runNode('--frozen-intrinsics', '--input-type=module', '-e', makesAll);
  assert.equal(stdout, expected, stderr);
  assert.equal(status, 0, stderr);
});

test('and where the program froze Error and the prototypes before the import', () => {
  const { status, stdout, stderr } = runNode('--input-type=module', '-e', frozen + makesAll);
  assert.equal(stdout, expected, stderr);
  assert.equal(status, 0, stderr);
});

test('without Error.captureStackTrace objects are made', () => {
  const { status, stdout, stderr } = runNode(
    '--input-type=module',
    '-e',
    `delete Error.captureStackTrace; ${makesAll}`,
  );
  assert.equal(stdout, expected, stderr);
  assert.equal(status, 0, stderr);
});

function restoreLimit(t: TestContext): void {
  const before = Object.getOwnPropertyDescriptor(Error, 'stackTraceLimit') as PropertyDescriptor;
  t.after(() => Object.defineProperty(Error, 'stackTraceLimit', before));
}

for (const limit of [0, 1, 50, Infinity]) {
  test(`a program's Error.stackTraceLimit of ${limit} stays as it is`, (t) => {
    restoreLimit(t);
    Error.stackTraceLimit = limit;
    new EventFd().close();
    assert.equal(Error.stackTraceLimit, limit);
  });
}

test('and one that it has removed stays away', (t) => {
  restoreLimit(t);
  Reflect.deleteProperty(Error, 'stackTraceLimit');
  new EventFd().close();
  assert.equal(Object.hasOwn(Error, 'stackTraceLimit'), false);
});

test('one that throws when it is read or set costs the creation site only', (t) => {
  restoreLimit(t);
  const refuse = (): never => {
    throw new Error('not yours');
  };
  Object.defineProperty(Error, 'stackTraceLimit', { get: refuse, set: refuse, configurable: true });
  new EventFd().close();
  Object.defineProperty(Error, 'stackTraceLimit', { get: () => 10, set: refuse, configurable: true });
  new EventFd().close();
});
