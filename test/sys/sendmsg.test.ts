import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import * as sys from 'epoll-ts/sys';
import { opened, openedPair } from '../support/opened.ts';

const { AF_UNIX, ControlBuffer, MSG_CMSG_CLOEXEC, MSG_CTRUNC, MSG_NOSIGNAL, MSG_TRUNC } = sys;
const room = 16 + sys.SCM_MAX_FD * 4 + 4;

test('buffers are gathered, and scattered, in order; empty ones count as nothing', (t) => {
  const [a, b] = pair(t, sys.SOCK_STREAM);
  const parts = ['one', '', 'three'].map((text) => Buffer.from(text));
  assert.equal(sys.sendmsg(a, parts, null, MSG_NOSIGNAL), 8);
  const into = [Buffer.alloc(2), Buffer.alloc(0), Buffer.alloc(64)];
  assert.equal(sys.recvmsg(b, into, null, 0), 8);
  assert.equal(Buffer.concat(into).toString('utf8', 0, 8), 'onethree');
  assert.equal(sys.recvmsg(b, into, null, 0), -sys.EAGAIN);
  const most = Array.from({ length: sys.IOV_MAX }, () => Buffer.from('x'));
  assert.equal(sys.sendmsg(a, most, null, MSG_NOSIGNAL), sys.IOV_MAX);
  assert.equal(sys.recvmsg(b, [Buffer.alloc(2000)], null, 0), sys.IOV_MAX);
  sys.shutdown(a, sys.SHUT_WR);
  assert.equal(sys.recvmsg(b, into, new ControlBuffer(64), 0), 0);
  assert.equal(sys.sendmsg(a, parts, null, MSG_NOSIGNAL), -sys.EPIPE);
});

test('a receive that fails leaves no messages and no flags of the one before: its descriptors are not told twice', (t) => {
  const [a, b] = pair(t, sys.SOCK_STREAM);
  const control = new ControlBuffer(room);
  assert.equal(sys.sendmsg(a, [Buffer.from('x')], rights(opened(t, sys.eventfd(5, 0))), MSG_NOSIGNAL), 1);
  assert.equal(sys.recvmsg(b, [new Uint8Array(8)], control, MSG_CMSG_CLOEXEC), 1);
  assert.equal(received(t, control).length, 1);
  assert.notEqual(control.flags, 0);
  assert.equal(sys.recvmsg(b, [new Uint8Array(8)], control, 0), -sys.EAGAIN);
  assert.deepEqual(control.messages(), []);
  assert.equal(control.flags, 0);
});

test('descriptors come as numbers of this process, close-on-exec if that is asked for', (t) => {
  const [a, b] = pair(t, sys.SOCK_STREAM);
  const counter = opened(t, sys.eventfd(5, 0));
  const control = new ControlBuffer(room);
  for (const [flags, expected] of [
    [MSG_CMSG_CLOEXEC, sys.FD_CLOEXEC],
    [0, 0],
  ] as const) {
    assert.equal(sys.sendmsg(a, [Buffer.from('x')], rights(counter, counter), MSG_NOSIGNAL), 1);
    assert.equal(sys.recvmsg(b, [new Uint8Array(8)], control, flags), 1);
    assert.equal(control.flags & MSG_CTRUNC, 0);
    const fds = received(t, control);
    assert.equal(fds.length, 2);
    for (const fd of fds) assert.equal(sys.fcntl(fd, sys.F_GETFD), expected);
    assert.ok(fds.every((fd) => fd !== counter));
  }
  sys.sendmsg(a, [Buffer.from('x')], null, MSG_NOSIGNAL);
  assert.equal(sys.recvmsg(b, [new Uint8Array(8)], control, 0), 1);
  assert.deepEqual([control.messages(), control.flags & MSG_CTRUNC], [[], 0], 'nothing of the call before');
});

test('descriptors for which there is no room are MSG_CTRUNC, and those that fit come', (t) => {
  const [a, b] = pair(t, sys.SOCK_STREAM);
  const counter = opened(t, sys.eventfd(0, 0));
  for (const [capacity, come] of [
    [0, 0],
    [16, 0],
    [24, 2],
    [20, 1],
  ] as const) {
    const control = new ControlBuffer(capacity);
    assert.equal(sys.sendmsg(a, [Buffer.from('x')], rights(counter, counter, counter), MSG_NOSIGNAL), 1);
    assert.equal(sys.recvmsg(b, [new Uint8Array(8)], control, MSG_CMSG_CLOEXEC), 1);
    assert.equal(control.flags & MSG_CTRUNC, MSG_CTRUNC);
    assert.equal(received(t, control).length, come, `${capacity} bytes`);
  }
});

test('a peek opens descriptors each time, and a full one those of the next sending too', (t) => {
  const [a, b] = pair(t, sys.SOCK_STREAM);
  const control = new ControlBuffer(room);
  sys.send(a, Buffer.from('before'), MSG_NOSIGNAL);
  assert.equal(sys.sendmsg(a, [Buffer.from('x')], rights(1), MSG_NOSIGNAL), 1);
  for (let round = 0; round < 2; round++) {
    assert.equal(sys.recvmsg(b, [new Uint8Array(6)], control, sys.MSG_PEEK | MSG_CMSG_CLOEXEC), 6);
    assert.equal(received(t, control).length, 1);
  }
  assert.equal(sys.recvmsg(b, [new Uint8Array(6)], control, MSG_CMSG_CLOEXEC), 6);
  assert.deepEqual(received(t, control), [], 'they come with the byte that they were sent with');
});

test('a message that is cut off says so, and MSG_TRUNC tells its length', (t) => {
  const [a, b] = pair(t, sys.SOCK_SEQPACKET);
  const control = new ControlBuffer(64);
  sys.send(a, Buffer.from('12345'), MSG_NOSIGNAL);
  assert.equal(sys.recvmsg(b, [new Uint8Array(2)], control, MSG_TRUNC | sys.MSG_PEEK), 5);
  assert.equal(sys.recvmsg(b, [new Uint8Array(2)], control, 0), 2);
  assert.equal(control.flags & MSG_TRUNC, MSG_TRUNC);
});

test('what the kernel refuses', (t) => {
  const [a] = pair(t, sys.SOCK_STREAM);
  const data = [Buffer.from('x')];
  assert.equal(sys.sendmsg(-1, data, null, 0), -sys.EBADF);
  assert.equal(sys.recvmsg(-1, data, null, 0), -sys.EBADF);
  assert.equal(sys.sendmsg(opened(t, sys.eventfd(0, 0)), data, null, 0), -sys.ENOTSOCK);
  assert.equal(sys.sendmsg(a, data, rights(1 << 20), 0), -sys.EBADF);
  const many = Array.from({ length: sys.SCM_MAX_FD + 1 }, () => 1);
  assert.equal(sys.sendmsg(a, data, rights(...many), 0), -sys.EINVAL);
  assert.equal(sys.sendmsg(a, data, Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), 0), -sys.EINVAL);
});

function pair(t: TestContext, type: number): readonly [number, number] {
  return openedPair(t, sys.socketpair(AF_UNIX, type | sys.SOCK_NONBLOCK | sys.SOCK_CLOEXEC, 0));
}

function rights(...fds: number[]): Uint8Array {
  const data = new Uint8Array(Int32Array.from(fds).buffer);
  return sys.encodeControl([{ level: sys.SOL_SOCKET, type: sys.SCM_RIGHTS, data }]);
}

/** The descriptors of the last call, closed when the test ends. */
function received(t: TestContext, control: sys.ControlBuffer): number[] {
  return control.messages().flatMap(({ data }) => [...new Int32Array(data.buffer)].map((fd) => opened(t, fd)));
}
