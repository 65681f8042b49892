import assert from 'node:assert/strict';
import { readSync } from 'node:fs';
import { test } from 'node:test';
import { SystemError } from 'epoll-ts';
import { EBADF, ENOENT } from 'epoll-ts/sys';
import { check } from '#epoll/fd/systemError.js';

test("SystemError has the shape of Node's own system errors", () => {
  const error = new SystemError(-EBADF, 'read', { fd: 99 });
  assert.throws(() => readSync(1_000_000, new Uint8Array(1)), {
    code: error.code,
    errno: error.errno,
    syscall: error.syscall,
  });
  assert.ok(error instanceof Error);
  assert.equal(error.name, 'SystemError');
  assert.equal(error.fd, 99);
});

test('SystemError has fd and path only where the call was about them', () => {
  assert.equal('fd' in new SystemError(-EBADF, 'eventfd'), false);
  assert.equal('path' in new SystemError(-EBADF, 'eventfd'), false);
  const { fd, path } = new SystemError(-ENOENT, 'open', { fd: 3, path: '/no' });
  assert.deepEqual([fd, path], [3, '/no']);
});

test('SystemError says what failed, about what, and what to do', () => {
  const message = (...args: ConstructorParameters<typeof SystemError>): string => new SystemError(...args).message;
  assert.equal(message(-EBADF, 'eventfd'), 'EBADF: eventfd');
  assert.equal(message(-EBADF, 'read', { fd: 0 }), 'EBADF: read fd 0');
  assert.equal(message(-EBADF, 'read', { fd: 7 }, 'open it'), 'EBADF: read fd 7: open it');
  assert.equal(message(-ENOENT, 'open', { path: '/no' }, 'make it'), 'ENOENT: open /no: make it');
});

test('SystemError keeps a number that has no name', () => {
  const error = new SystemError(-4095, 'read');
  assert.equal(error.code, 'errno 4095');
  assert.equal(error.errno, -4095);
});

test('check gives the answer, or throws where it is an error', () => {
  assert.equal(check(0, 'read'), 0);
  assert.equal(check(7, 'read'), 7);
  const expected = { name: 'SystemError', code: 'EBADF', syscall: 'read', fd: 3, message: 'EBADF: read fd 3: no' };
  assert.throws(() => check(-EBADF, 'read', { fd: 3 }, 'no'), expected);
});
