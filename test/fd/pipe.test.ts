import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pipe, SystemError } from 'epoll-ts';
import { close, F_SETPIPE_SZ, fcntl, POLLERR, POLLHUP, POLLIN, pollOne, POLLOUT } from 'epoll-ts/sys';
import { nothingLeftOpen, openDescriptors } from '../support/openDescriptors.ts';

test('Pipe gives out what was written, in order', () => {
  using pipe = new Pipe();
  assert.equal(pipe.writer.write(Buffer.from('hel')), 3);
  assert.equal(pipe.writer.write(Buffer.from('lo')), 2);
  const into = new Uint8Array(4);
  assert.equal(pipe.reader.read(into), 4);
  assert.equal(Buffer.from(into).toString(), 'hell');
  assert.equal(pipe.reader.read(into), 1);
  assert.equal(into[0], 'o'.charCodeAt(0));
});

test('PipeReader answers null where it would block, and 0 at the end', () => {
  using pipe = new Pipe();
  const into = new Uint8Array(8);
  assert.equal(pipe.reader.read(into), null);
  pipe.writer.write(new Uint8Array(3));
  pipe.writer.close();
  assert.equal(pipe.reader.read(into), 3, 'what was written before the end comes');
  assert.equal(pipe.reader.read(into), 0);
  assert.equal(pollOne(pipe.reader.fd, POLLIN, 0), POLLHUP);
});

test('PipeReader refuses a buffer without room, whose 0 would look like the end', () => {
  using pipe = new Pipe();
  assert.throws(() => pipe.reader.read(new Uint8Array(0)), RangeError);
  assert.throws(() => pipe.reader.read('' as unknown as Uint8Array), TypeError);
});

test('PipeWriter writes as much as there is room for, then answers false', () => {
  using pipe = new Pipe();
  const size = fcntl(pipe.writer.fd, F_SETPIPE_SZ, 8192);
  assert.equal(pipe.writer.write(new Uint8Array(size + 5000)), size);
  assert.equal(pollOne(pipe.writer.fd, POLLOUT, 0), 0);
  assert.equal(pipe.writer.write(new Uint8Array(1)), false);
  assert.equal(pipe.reader.read(new Uint8Array(4096)), 4096);
  assert.equal(pipe.writer.write(new Uint8Array(4096)), 4096, 'room again');
});

test('PipeWriter writes nothing of nothing, and refuses what is no bytes', () => {
  using pipe = new Pipe();
  assert.equal(pipe.writer.write(new Uint8Array(0)), 0);
  assert.equal(pipe.reader.read(new Uint8Array(1)), null);
  assert.throws(() => pipe.writer.write('hello' as unknown as Uint8Array), TypeError);
});

test('PipeWriter throws EPIPE when every reader is closed, and says what to do', () => {
  using pipe = new Pipe();
  const { fd } = pipe.writer;
  pipe.reader.close();
  assert.equal(pollOne(fd, POLLOUT, 0), POLLOUT | POLLERR);
  const message = `EPIPE: write fd ${fd}: every reader of this pipe is closed: close the writer`;
  assert.throws(() => pipe.writer.write(new Uint8Array(1)), { name: 'SystemError', code: 'EPIPE', message, fd });
});

test('Pipe closes both ends, also when one is closed already', () => {
  const before = openDescriptors();
  for (const earlier of ['reader', 'writer'] as const) {
    const pipe = new Pipe();
    pipe[earlier].close();
    pipe.close();
    pipe.close();
    assert.deepEqual([pipe.reader.closed, pipe.writer.closed], [true, true]);
  }
  {
    using pipe = new Pipe();
    assert.ok(pipe.reader.fd !== pipe.writer.fd);
  }
  nothingLeftOpen(before);
});

test('Pipe closes the other end, too, when closing one fails', () => {
  const before = openDescriptors();
  for (const lost of ['reader', 'writer'] as const) {
    const pipe = new Pipe();
    close(pipe[lost].fd);
    assert.throws(() => pipe.close(), SystemError);
    assert.deepEqual([pipe.reader.closed, pipe.writer.closed], [true, true]);
  }
  nothingLeftOpen(before);
});

test('Pipe leaves nothing open when one of its ends cannot be made', (t) => {
  const before = openDescriptors();
  const { prototype } = FinalizationRegistry;
  const { register } = prototype;
  t.after(() => (prototype.register = register));
  for (const failing of [1, 2]) {
    let calls = 0;
    // What an end does on its way, and what can be made to fail from outside.
    prototype.register = function (...args) {
      if (++calls === failing) throw new Error('no end today');
      register.apply(this, args);
    };
    assert.throws(() => new Pipe(), /no end today/);
    assert.equal(calls, failing);
    prototype.register = register;
  }
  nothingLeftOpen(before);
});
