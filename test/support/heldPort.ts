import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import {
  AF_INET,
  bind,
  encodeSockaddr,
  getsockname,
  setsockopt,
  SO_REUSEADDR,
  SOCK_CLOEXEC,
  SOCK_STREAM,
  SockaddrBuffer,
  socket,
  SOL_SOCKET,
} from 'epoll-ts/sys';
import { opened } from './opened.ts';

/**
 * A port of 127.0.0.1 at which nobody listens: held until the test ends, by a socket that is bound and does not listen.
 * Nobody who asks for any port gets it; who asks for it by its number does, with SO_REUSEADDR, as servers do.
 */
export function heldPort(t: TestContext): number {
  const holder = opened(t, socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  assert.equal(setsockopt(holder, SOL_SOCKET, SO_REUSEADDR, 1), 0);
  assert.equal(bind(holder, encodeSockaddr({ family: AF_INET, address: '127.0.0.1', port: 0 })), 0);
  const name = new SockaddrBuffer();
  assert.equal(getsockname(holder, name), 0);
  const bound = name.decode();
  assert.ok(bound?.family === AF_INET);
  return bound.port;
}
