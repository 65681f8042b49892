import type { TestContext } from 'node:test';
import {
  accept4,
  AF_INET,
  bind,
  connect,
  encodeSockaddr,
  getsockname,
  listen,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  SockaddrBuffer,
  socket,
} from 'epoll-ts/sys';
import assert from 'node:assert/strict';
import { opened } from '../../support/opened.ts';

const address = '127.0.0.1';

/** A socket of this kind, bound to a free port, and that port's address. */
export function boundSocket(t: TestContext, type: number): { readonly fd: number; readonly at: Uint8Array } {
  const fd = opened(t, socket(AF_INET, type | SOCK_CLOEXEC, 0));
  assert.equal(bind(fd, encodeSockaddr({ family: AF_INET, address, port: 0 })), 0);
  const name = new SockaddrBuffer();
  assert.equal(getsockname(fd, name), 0);
  const bound = name.decode();
  assert.ok(bound !== null);
  return { fd, at: encodeSockaddr(bound) };
}

/** A non-blocking client and the blocking connection that was accepted from it. */
export function tcpPair(t: TestContext): readonly [client: number, server: number] {
  const { fd: listener, at } = boundSocket(t, SOCK_STREAM);
  assert.equal(listen(listener, 1), 0);
  const client = opened(t, socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  connect(client, at);
  const server = opened(t, accept4(listener, null, SOCK_CLOEXEC));
  return [client, server];
}
