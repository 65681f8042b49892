import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import * as sys from 'epoll-ts/sys';
import { opened, openedPair } from '../support/opened.ts';
import { GrowableBuffer, ResizableBuffer } from '../support/resizableBuffer.ts';

const { read, readv, write, writev } = sys;

test('pipe2 makes two ends that carry bytes, with the flags that were asked for', (t) => {
  const [reader, writer] = pipe(t);
  assert.equal(write(writer, Buffer.from('hello')), 5);
  const bytes = new Uint8Array(8);
  assert.equal(read(reader, bytes), 5);
  assert.equal(Buffer.from(bytes.subarray(0, 5)).toString(), 'hello');
  assert.equal(read(reader, bytes), -sys.EAGAIN);
  for (const fd of [reader, writer]) {
    assert.equal(sys.fcntl(fd, sys.F_GETFD), sys.FD_CLOEXEC);
    assert.equal(sys.fcntl(fd, sys.F_GETFL) & sys.O_NONBLOCK, sys.O_NONBLOCK);
  }
  assert.equal(sys.pipe2(1), -sys.EINVAL);
});

test('socketpair makes two ends that carry bytes both ways', (t) => {
  const [a, b] = openedPair(
    t,
    sys.socketpair(sys.AF_UNIX, sys.SOCK_SEQPACKET | sys.SOCK_NONBLOCK | sys.SOCK_CLOEXEC, 0),
  );
  assert.equal(sys.send(a, Uint8Array.of(1, 2), 0), 2);
  assert.equal(sys.send(b, Uint8Array.of(3), 0), 1);
  assert.deepEqual([readAll(b), readAll(a)], [[1, 2], [3]]);
  assert.equal(sys.fcntl(a, sys.F_GETFD), sys.FD_CLOEXEC);
  assert.equal(sys.socketpair(99, sys.SOCK_STREAM, 0), -sys.EAFNOSUPPORT);
  assert.equal(sys.socketpair(sys.AF_INET, sys.SOCK_STREAM, 0), -sys.EOPNOTSUPP);
});

test('a count below the buffer’s length is kept to', (t) => {
  const [reader, writer] = pipe(t);
  const bytes = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
  assert.equal(write(writer, bytes, 5), 5);
  assert.equal(write(writer, bytes, 0), 0);
  const room = new Uint8Array(8).fill(0xee);
  assert.equal(read(reader, room, 3), 3);
  assert.deepEqual([...room], [1, 2, 3, 0xee, 0xee, 0xee, 0xee, 0xee]);
  assert.equal(read(reader, room, 0), 0);
  assert.deepEqual(readAll(reader), [4, 5]);
});

test('a view takes and gives its own part of the buffer only', (t) => {
  const [reader, writer] = pipe(t);
  const all = new Uint8Array(16).fill(0xee);
  assert.equal(write(writer, Uint8Array.of(1, 2, 3, 4, 5)), 5);
  assert.equal(read(reader, all.subarray(4, 8)), 4);
  assert.deepEqual([...all.subarray(3, 9)], [0xee, 1, 2, 3, 4, 0xee]);
  assert.equal(write(writer, all.subarray(5, 7)), 2);
  assert.deepEqual(readAll(reader), [5, 2, 3]);
});

test('memory of every kind is read into and written from: small, large, shared, resizable, growable', (t) => {
  const [reader, writer] = pipe(t);
  const shrunk = new ResizableBuffer(64, { maxByteLength: 64 });
  shrunk.resize(16);
  const grown = new GrowableBuffer(8, { maxByteLength: 64 });
  grown.grow(16);
  const kinds = {
    'on V8’s heap': new Uint8Array(16),
    'off the heap': new Uint8Array(4096).subarray(1, 17),
    'a pooled Buffer': Buffer.from('0123456789abcdef'),
    shared: new Uint8Array(new SharedArrayBuffer(16)),
    resizable: new Uint8Array(shrunk),
    growable: new Uint8Array(grown),
  };
  for (const [kind, memory] of Object.entries(kinds)) {
    const sent = Uint8Array.from({ length: 16 }, (_, index) => index + kind.length);
    assert.equal(write(writer, sent), 16, kind);
    assert.equal(read(reader, memory), 16, kind);
    assert.deepEqual([...memory], [...sent], kind);
    assert.equal(write(writer, memory), 16, kind);
    assert.deepEqual(readAll(reader), [...sent], kind);
    assert.equal(writev(writer, [memory]), 16, kind);
    assert.equal(readv(reader, [memory.fill(0)]), 16, kind);
    assert.deepEqual([...memory], [...sent], kind);
  }
});

test('writev and readv use their buffers in order, empty ones too', (t) => {
  const [reader, writer] = pipe(t);
  const empty = new Uint8Array(0);
  assert.equal(writev(writer, [Uint8Array.of(1), empty, Uint8Array.of(2, 3), Uint8Array.of(4, 5, 6)]), 6);
  const into = [new Uint8Array(2), empty, new Uint8Array(3), new Uint8Array(9).fill(7)];
  assert.equal(readv(reader, into), 6);
  assert.deepEqual(
    into.map((bytes) => [...bytes]),
    [[1, 2], [], [3, 4, 5], [6, 7, 7, 7, 7, 7, 7, 7, 7]],
  );
  assert.equal(writev(writer, []), 0);
  assert.equal(writev(-1, [empty]), -sys.EBADF);
});

test('1024 small buffers are written and read while memory is collected', (t) => {
  const [reader, writer] = pipe(t);
  for (let round = 0; round < 50; round++) {
    const sent = Array.from({ length: sys.IOV_MAX }, (_, index) => Uint8Array.of(index & 0xff, index >> 8));
    const into = Array.from({ length: sys.IOV_MAX }, () => new Uint8Array(2));
    assert.equal(writev(writer, sent), 2 * sys.IOV_MAX);
    assert.equal(readv(reader, into), 2 * sys.IOV_MAX);
    assert.deepEqual(into, sent);
  }
});

test('a full pipe takes a part, then nothing', (t) => {
  const [reader, writer] = pipe(t);
  const capacity = sys.fcntl(writer, sys.F_SETPIPE_SZ, 4096);
  assert.equal(capacity, sys.fcntl(reader, sys.F_GETPIPE_SZ));
  assert.equal(write(writer, new Uint8Array(capacity + 5000)), capacity);
  assert.equal(write(writer, new Uint8Array(1)), -sys.EAGAIN);
});

test('the ends of streams: 0 after the writer, EPIPE after the reader', () => {
  const first = sys.pipe2(0);
  const second = sys.pipe2(0);
  assert.ok(typeof first !== 'number' && typeof second !== 'number');
  assert.equal(sys.close(first[1]), 0);
  assert.equal(read(first[0], new Uint8Array(1)), 0);
  assert.equal(sys.close(second[0]), 0);
  assert.equal(write(second[1], new Uint8Array(1)), -sys.EPIPE, 'Node ignores SIGPIPE');
  for (const fd of [first[0], second[1]]) assert.equal(sys.close(fd), 0);
  assert.equal(sys.close(first[0]), -sys.EBADF);
});

test('open opens by text and by bytes, and makes files with their mode', (t) => {
  const zero = opened(t, sys.open('/dev/zero', sys.O_RDONLY | sys.O_CLOEXEC));
  assert.deepEqual(readAll(zero, 3), [0, 0, 0]);
  opened(t, sys.open(Buffer.from('/dev/null'), sys.O_WRONLY));
  assert.equal(sys.open('/dev/null/x', sys.O_RDONLY), -sys.ENOTDIR);
  assert.equal(sys.open('/', sys.O_WRONLY), -sys.EISDIR);
  assert.equal(read(opened(t, sys.open('/', sys.O_RDONLY)), new Uint8Array(1)), -sys.EISDIR);
  assert.equal(read(opened(t, sys.open('/', sys.O_PATH)), new Uint8Array(1)), -sys.EBADF);
});

function pipe(t: TestContext): readonly [reader: number, writer: number] {
  return openedPair(t, sys.pipe2(sys.O_NONBLOCK | sys.O_CLOEXEC));
}

function readAll(fd: number, most = 65536): number[] {
  const bytes = new Uint8Array(most);
  const length = read(fd, bytes);
  assert.ok(length >= 0, sys.errnoName(length));
  return [...bytes.subarray(0, length)];
}
