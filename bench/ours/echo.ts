// An echo server on a reactor in Node's loop. Arguments: CONNECTIONS SIZE [the words that pin the client].
import { Reactor } from 'epoll-ts';
import {
  accept4,
  AF_INET,
  bind,
  encodeSockaddr,
  getsockname,
  IPPROTO_TCP,
  listen,
  MSG_NOSIGNAL,
  recv,
  send,
  setsockopt,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  SockaddrBuffer,
  socket,
  TCP_NODELAY,
} from 'epoll-ts/sys';
import { countSlices } from '../suite/countSlices.ts';
import { loadClient } from '../suite/loadClient.ts';

const [connections, size] = process.argv.slice(2, 4).map(Number) as [number, number];
const listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
bind(listener, encodeSockaddr({ family: AF_INET, address: '127.0.0.1', port: 0 }));
listen(listener, 1024);
const local = new SockaddrBuffer();
getsockname(listener, local);
const name = local.decode();
const { port } = name?.family === AF_INET ? name : { port: 0 };
const messages = loadClient('echoClient', [port, connections, size], process.argv[4]);

const reactor = new Reactor();
const buffer = new Uint8Array(65_536);
const fds = Array.from({ length: connections }, () => accept4(listener, null, SOCK_NONBLOCK | SOCK_CLOEXEC));
const echoed = countSlices(messages, size);
for (const fd of fds) {
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  reactor.register(fd, { readable: true }, () => {
    const length = recv(fd, buffer, 0);
    if (length <= 0 || send(fd, buffer, MSG_NOSIGNAL, length) !== length) process.exit(1);
    echoed(length);
  });
}
