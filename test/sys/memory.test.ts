import assert from 'node:assert/strict';
import { test } from 'node:test';
import { epollEventLayout } from '#epoll/sys/abi/epollEventLayout.js';
import * as sys from 'epoll-ts/sys';
import { recordCalls } from '../support/recordedCalls.ts';
import { GrowableBuffer, ResizableBuffer } from '../support/resizableBuffer.ts';

// What C is told about memory must be true whatever JavaScript says of it: a wrong length is a heap overflow. Here
// nothing reaches C: the calls are recorded.
const calls = recordCalls();

test('the true length of the memory goes to C, not what the object claims', () => {
  const shadowed = Object.defineProperty(new Uint8Array(8), 'byteLength', { value: 4096 });
  const length = Object.defineProperty(new Uint8Array(8), 'length', { value: 4096 });
  class Liar extends Uint8Array {
    override get byteLength(): number {
      return 4096;
    }
  }
  for (const memory of [shadowed, length, new Liar(8)]) {
    const told = [
      argsOf(() => sys.read(3, memory))[2],
      argsOf(() => sys.write(3, memory))[2],
      argsOf(() => sys.recv(3, memory, 0))[2],
      argsOf(() => sys.send(3, memory, 0))[2],
      argsOf(() => sys.recvfrom(3, memory, 0, null))[2],
      argsOf(() => sys.sendto(3, memory, 0, memory))[2],
      argsOf(() => sys.sendto(3, memory, 0, memory))[5],
      argsOf(() => sys.bind(3, memory))[2],
      argsOf(() => sys.connect(3, memory))[2],
      argsOf(() => sys.setsockopt(3, 1, 2, memory))[4],
      wordsOf(argsOf(() => sys.getsockopt(3, 1, 2, memory))[4])[0],
      Number(iovecOf(argsOf(() => sys.readv(3, [memory])))[1]),
      Number(iovecOf(argsOf(() => sys.writev(3, [memory])))[1]),
      // struct msghdr is 7 words, and the iovec is behind it; word 5 is the length of the control messages.
      Number(headerOf(argsOf(() => sys.sendmsg(3, [memory], memory, 0)))[8]),
      Number(headerOf(argsOf(() => sys.sendmsg(3, [memory], memory, 0)))[5]),
      Number(headerOf(argsOf(() => sys.recvmsg(3, [memory], new sys.ControlBuffer(8), 0)))[8]),
      Number(headerOf(argsOf(() => sys.recvmsg(3, [memory], new sys.ControlBuffer(8), 0)))[5]),
    ];
    assert.deepEqual(
      told,
      told.map(() => 8),
    );
    assert.throws(() => sys.read(3, memory, 9), RangeError);
    assert.throws(() => sys.write(3, memory, 4096), RangeError);
  }
});

test('memory of a resizable or shared buffer counts as long as it is now', () => {
  const buffer = new ResizableBuffer(8, { maxByteLength: 64 });
  const tracking = new Uint8Array(buffer);
  const fixed = new Uint8Array(buffer, 4, 4);
  const lengths = (): unknown[] => [tracking, fixed].map((memory) => argsOf(() => sys.read(3, memory))[2]);
  assert.deepEqual(lengths(), [8, 4]);
  buffer.resize(32);
  assert.deepEqual(lengths(), [32, 4]);
  buffer.resize(6);
  assert.deepEqual(lengths(), [6, 0], 'a view out of bounds has no bytes');
  assert.throws(() => sys.read(3, fixed, 4), RangeError);
  buffer.resize(0);
  assert.deepEqual(lengths(), [0, 0]);

  const shared = new GrowableBuffer(8, { maxByteLength: 16 });
  const view = new Uint8Array(shared);
  shared.grow(16);
  assert.equal(argsOf(() => sys.read(3, view))[2], 16);
});

test('memory that a getter transfers away while the arguments are read does not reach C', () => {
  const victim = new Uint8Array(4096);
  const list = [victim, victim];
  Object.defineProperty(list, 1, {
    get: () => (structuredClone(victim.buffer, { transfer: [victim.buffer] }), new Uint8Array(8)),
  });
  calls.length = 0;
  assert.throws(() => sys.readv(3, list), TypeError);
  assert.deepEqual(calls, []);
});

test('maxevents is bounded by the memory, not by the capacity that an object claims', () => {
  const buffer = new sys.EpollEventBuffer(2);
  assert.throws(() => Object.assign(buffer, { capacity: 1000 }), TypeError);
  Object.defineProperty(buffer, 'capacity', { value: 1000 });
  class Liar extends sys.EpollEventBuffer {
    override get capacity(): number {
      return 1000;
    }
  }
  for (const memory of [buffer, new Liar(2)]) {
    assert.equal(
      wordsOf(argsOf(() => sys.epoll_wait(3, memory, 2, 0))[1]).length,
      2 * epollEventLayout(process.arch).words,
    );
    assert.throws(() => sys.epoll_wait(3, memory, 3, 0), RangeError);
    assert.throws(() => sys.epoll_pwait(3, memory, 3, 0, null), RangeError);
    assert.throws(() => sys.epoll_pwait2(3, memory, 3, 0n, null), RangeError);
    for (const member of ['events', 'data', 'dataLow', 'dataHigh'] as const) {
      assert.throws(() => memory[member](2), RangeError, member);
    }
  }
});

test('a list that grows while it is read is counted once', () => {
  const fds = [{ fd: 3, events: 1, revents: 0 }];
  const growing = [
    {
      ...fds[0],
      get fd() {
        return growing.push(...fds, ...fds) && 4;
      },
    },
  ] as sys.PollFd[];
  const liar = lengthsOf(fds, 1, 1, 1, 500);
  for (const list of [growing, liar]) {
    const [memory, count] = argsOf(() => sys.poll(list, 0));
    assert.ok(
      Number(count) * 8 <= viewOf(memory).byteLength,
      `${Number(count)} structs in ${viewOf(memory).byteLength} bytes`,
    );
  }
  const bytes = [new Uint8Array(8)];
  const [, vector, count] = argsOf(() => sys.readv(3, lengthsOf(bytes, 1, 1, 1, 1, 1, 500)));
  assert.ok(
    Number(count) * 16 <= viewOf(vector).byteLength,
    `${Number(count)} structs in ${viewOf(vector).byteLength} bytes`,
  );
});

test('an ioctl has room for whatever it fills, and the caller’s bytes come back', () => {
  for (const op of [
    sys.FIONREAD,
    0x541e /* TIOCGSERIAL: 72 bytes, no size in its number */,
    0x400454ca /* TUNSETIFF: says 4, fills 40 */,
  ]) {
    const argp = Uint8Array.of(1, 2, 3);
    const [, request, memory] = argsOf(() => sys.ioctl(3, op, argp));
    assert.equal(request, op);
    assert.ok(viewOf(memory).byteLength >= 0x4000);
    const room = new Uint8Array(viewOf(memory).buffer, viewOf(memory).byteOffset, 5);
    assert.deepEqual([...room], [1, 2, 3, 0, 0]);
    assert.deepEqual([...argp], [1, 2, 3]);
  }
  argsOf(() => sys.ioctl(3, sys.FIONREAD, new Uint8Array(100).fill(0xee)));
  const next = viewOf(argsOf(() => sys.ioctl(3, sys.FIONREAD, Uint8Array.of(5)))[2]);
  assert.deepEqual([...new Uint8Array(next.buffer, next.byteOffset, 4)], [5, 0, 0, 0], 'nothing of the call before');
  const large = new Uint8Array(0x4000);
  assert.equal(argsOf(() => sys.ioctl(3, sys.FIONREAD, large))[2], large, 'enough memory is used in place');
  const liar = Object.defineProperty(new Uint8Array(3), 'byteLength', { value: 0x10000 });
  assert.ok(viewOf(argsOf(() => sys.ioctl(3, sys.FIONREAD, liar))[2]) !== liar);
});

test('paths end with a NUL', () => {
  for (const path of ['/tmp/ä', Buffer.from('/tmp/ä')]) {
    const expected = Uint8Array.from(Buffer.from('/tmp/ä\0'));
    assert.deepEqual(argsOf(() => sys.open(path, 0))[0], expected);
    assert.deepEqual(argsOf(() => sys.inotify_add_watch(3, path, 1))[1], expected);
  }
});

test('epoll_ctl writes the mask unsigned and all 64 bits of the data, and DEL a null event', () => {
  const { events, dataLow, dataHigh } = epollEventLayout(process.arch);
  const record = (call: () => number): (number | undefined)[] => {
    const words = wordsOf(argsOf(call)[3]);
    return [words[events], words[dataLow], words[dataHigh]];
  };
  const add = (mask: number, data?: number | bigint): (number | undefined)[] =>
    record(() => sys.epoll_ctl(3, sys.EPOLL_CTL_ADD, 7, mask, data));
  assert.deepEqual(add(sys.EPOLLIN | sys.EPOLLET), [0x8000_0001, 7, 0], 'a mask that JavaScript made negative');
  assert.deepEqual(add(sys.EPOLLIN + sys.EPOLLET), [0x8000_0001, 7, 0], 'a mask above 2 ** 31');
  assert.deepEqual(add(-1, 0n), [0xffff_ffff, 0, 0]);
  assert.deepEqual(add(0, 2n ** 64n - 1n), [0, 0xffff_ffff, 0xffff_ffff]);
  assert.deepEqual(add(0, 0x1234_5678_9abc_def0n), [0, 0x9abc_def0, 0x1234_5678]);
  assert.deepEqual(add(0, Number.MAX_SAFE_INTEGER), [0, 0xffff_ffff, 0x1f_ffff]);
  assert.deepEqual(add(0, 2 ** 32), [0, 0, 1]);
  assert.deepEqual(add(-0, -0), [0, 0, 0]);

  assert.equal(argsOf(() => sys.epoll_ctl(3, sys.EPOLL_CTL_DEL, 7, sys.EPOLLIN, 9n))[3], null);
  assert.equal(argsOf(() => sys.epoll_ctl(3, sys.EPOLL_CTL_DEL, 7))[3], null);
  assert.equal(
    argsOf(() => sys.epoll_ctl(3, sys.EPOLL_CTL_ADD, 7))[3],
    null,
    'left out: NULL, which the kernel refuses',
  );
});

test('other masks are taken in both forms too', () => {
  assert.equal(argsOf(() => sys.inotify_add_watch(3, '/', sys.IN_OPEN | sys.IN_ONESHOT))[2], 0x8000_0020);
  assert.equal(argsOf(() => sys.ioctl(3, sys.EPIOCGPARAMS | 0, new Uint8Array(8)))[1], sys.EPIOCGPARAMS);
});

/** The arguments of the one C call that an action makes. */
function argsOf(action: () => unknown): readonly unknown[] {
  calls.length = 0;
  action();
  const [call] = calls;
  assert.ok(call !== undefined && calls.length === 1, `${calls.length} calls`);
  return call.args;
}

function viewOf(argument: unknown): ArrayBufferView {
  assert.ok(ArrayBuffer.isView(argument));
  return argument;
}

function wordsOf(argument: unknown): Uint32Array {
  assert.ok(argument instanceof Uint32Array);
  return argument;
}

function headerOf([, header]: readonly unknown[]): BigUint64Array {
  assert.ok(header instanceof BigUint64Array);
  return header;
}

function iovecOf(args: readonly unknown[]): BigUint64Array {
  const [, vector, count] = args;
  assert.ok(vector instanceof BigUint64Array);
  assert.equal(Number(count) * 2, vector.length);
  return vector;
}

/** A proxy that answers these lengths in turn, and the last of them for ever. */
function lengthsOf<T>(list: T[], ...answers: number[]): T[] {
  const length = (): number | undefined => (answers.length > 1 ? answers.shift() : answers[0]);
  return new Proxy(list, { get: (target, key) => (key === 'length' ? length() : Reflect.get(target, key)) as unknown });
}
