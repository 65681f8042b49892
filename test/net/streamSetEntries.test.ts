// What a StreamSet does with entries that are not plainly one of its connections, and when nobody closes it.
import assert from 'node:assert/strict';
import { readlinkSync } from 'node:fs';
import { test } from 'node:test';
import { StreamSet, UnixStream } from 'epoll-ts/net';
import {
  AF_NETLINK,
  close,
  dup,
  dup3,
  EPOLL_CTL_ADD,
  epoll_ctl,
  EPOLLONESHOT,
  EPOLLOUT,
  eventfd,
  O_CLOEXEC,
  SOCK_CLOEXEC,
  SOCK_RAW,
  socket,
} from 'epoll-ts/sys';
import { readEpollEntries } from '#epoll/fd/epollEntry.js';
import { expectScript } from '../support/childScript.ts';
import { closing } from '../support/closing.ts';
import { opened } from '../support/opened.ts';

const now = { timeoutMs: 0 };

test('close() skips ghosts: their numbers may be other files', (t) => {
  const set = closing(t, new StreamSet());
  const [one, other] = UnixStream.pair();
  closing(t, other);
  const { fd } = one;
  const link = readlinkSync(`/proc/self/fd/${fd}`);
  set.add(one);
  // The duplicate keeps the entry; the number is an eventfd's.
  opened(t, dup(fd));
  const counter = opened(t, eventfd(0, 0));
  assert.equal(dup3(counter, fd, O_CLOEXEC), fd);
  t.after(() => close(fd));
  set.close();
  assert.notEqual(readlinkSync(`/proc/self/fd/${fd}`), link);
  assert.match(readlinkSync(`/proc/self/fd/${fd}`), /eventfd/);
});

test('a connection that take() can make nothing of stays armed', (t) => {
  const set = closing(t, new StreamSet());
  const strange = opened(t, socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0));
  assert.equal(epoll_ctl(set.fd, EPOLL_CTL_ADD, strange, EPOLLOUT | EPOLLONESHOT, BigInt(strange)), 0);
  for (const _ of [1, 2]) assert.throws(() => set.take(now), { name: 'TypeError', message: /must be IP or unix/ });
  const entry = readEpollEntries(set.fd).find(({ fd }) => fd === strange);
  assert.equal(entry?.armed, true);
});

test('a set that is garbage-collected is told of, and leaves no descriptor but those that somebody holds', () => {
  expectScript(
    `import { readdirSync, readlinkSync } from 'node:fs';
     import { StreamSet, UnixStream } from 'epoll-ts/net';
     process.on('warning', ({ name, message }) => console.log(name, message.replace(/ with fd .*/s, '')));
     const linkOf = (fd) => { try { return readlinkSync('/proc/self/fd/' + fd); } catch { return ''; } };
     const open = () => readdirSync('/proc/self/fd');
     // What this thread has once: its reactor, and what Node's loop watches of it.
     const warm = UnixStream.pair();
     const waiting = warm[0].read(new Uint8Array(1)).catch(() => {});
     await new Promise(setImmediate);
     await new Promise(setImmediate);
     await new Promise(setImmediate);
     const before = new Set(open());
     let holding;
     const [held, heldPeer] = UnixStream.pair();
     const idlePeer = (() => {
       const set = new StreamSet();
       const [idle, peer] = UnixStream.pair();
       set.add(idle);
       set.add(held);
       heldPeer.tryWrite(new Uint8Array(1));
       holding = set.take().stream;
       return peer;
     })();
     const end = idlePeer.read(new Uint8Array(1));
     const timer = setInterval(gc, 10);
     holding.tryRead(new Uint8Array(1));
     const taken = holding.detach();
     console.log(await end);
     clearInterval(timer);
     idlePeer.close();
     heldPeer.close();
     const fresh = open().filter((fd) => !before.has(fd) && Number(fd) !== taken);
     const left = fresh.map(linkOf).filter((link) => /socket|anon_inode/.test(link));
     console.log(left.join() || 'nothing left');
     for (const each of warm) each.close();
     await waiting;`,
    ['UnclosedFdWarning StreamSet', '0', 'nothing left'],
    { flags: ['--expose-gc', '--no-warnings'] },
  );
});

test('a stream that is given back, or closed, is nothing of the set’s any more', (t) => {
  const set = closing(t, new StreamSet());
  const [one, other] = UnixStream.pair();
  closing(t, other);
  set.add(one, { tag: 3 });
  for (const _ of [1, 2]) {
    other.tryWrite(new Uint8Array(1));
    const held = set.take(now);
    assert.equal(held?.stream.tryRead(new Uint8Array(8)), 1);
    held.giveBack();
  }
  other.tryWrite(new Uint8Array(1));
  set.take(now)?.stream.close();
  assert.equal(set.size, 0);
});
