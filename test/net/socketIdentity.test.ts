import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pipe } from 'epoll-ts';
import { UnixStream } from 'epoll-ts/net';
import { close, dup, dup3, O_CLOEXEC } from 'epoll-ts/sys';
import { SocketIdentity } from '#epoll/net/serve/socketIdentity.js';
import { closing } from '../support/closing.ts';

test('a socket is the same under another number, and not when another file has its number', (t) => {
  const [one, other] = UnixStream.pair();
  for (const each of [one, other]) closing(t, each);
  const copy = dup(one.fd);
  const identity = new SocketIdentity(copy);
  assert.ok(identity.is(copy) && identity.is(one.fd) && !identity.is(other.fd));
  dup3(other.fd, copy, O_CLOEXEC);
  assert.ok(!identity.is(copy));
  close(copy);
  assert.ok(!identity.is(copy));
});

test('what the kernel gives no cookie, as a pipe, is known by its inode', (t) => {
  const [one, other] = [new Pipe(), new Pipe()];
  for (const each of [one, other]) closing(t, each);
  const copy = dup(one.reader.fd);
  const identity = new SocketIdentity(copy);
  assert.ok(identity.is(copy) && !identity.is(other.reader.fd));
  dup3(other.reader.fd, copy, O_CLOEXEC);
  assert.ok(!identity.is(copy));
  close(copy);
  assert.ok(!identity.is(copy));
});
