import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClosedError } from 'epoll-ts';

test('ClosedError names the object and has a code', () => {
  const error = new ClosedError('EventFd');
  assert.ok(error instanceof Error);
  assert.equal(error.name, 'ClosedError');
  assert.equal(error.code, 'ERR_EPOLL_CLOSED');
  assert.equal(error.message, 'Cannot use this EventFd as it is closed');
  assert.match(String(error.stack), /^ClosedError: Cannot use this EventFd/);
});
