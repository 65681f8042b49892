// A TCP echo server on one-shot registrations: after each event a connection is silent until it is armed again, so no
// two events of one connection are ever handled at once, and what is not echoed yet holds the peer back.
//
//   npm run example echo-server            # then, elsewhere: printf 'hi\n' | nc -N 127.0.0.1 4747
//   npm run example echo-server 0          # any free port; it is printed
import { Reactor, type Registration, SystemError } from 'epoll-ts';
import {
  accept4,
  AF_INET,
  bind,
  close,
  EAGAIN,
  encodeSockaddr,
  getsockname,
  listen,
  read,
  SO_REUSEADDR,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  SockaddrBuffer,
  socket,
  SOL_SOCKET,
  setsockopt,
  SOMAXCONN,
  write,
} from 'epoll-ts/sys';

const reactor = new Reactor();
const listener = listenOn('127.0.0.1', Number(process.argv[2] ?? 4747));

reactor.register(listener, { readable: true, trigger: 'oneshot' }, (_, registration) => {
  for (let fd = accept(); fd >= 0; fd = accept()) serve(fd);
  registration.rearm();
});

function accept(): number {
  return accept4(listener, null, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

function serve(fd: number): void {
  const buffer = new Uint8Array(16_384);
  let pending = new Uint8Array(0);

  reactor.register(fd, { readable: true, trigger: 'oneshot' }, (_, connection) => {
    if (pending.byteLength === 0) {
      const count = read(fd, buffer);
      if (count === 0 || (count < 0 && count !== -EAGAIN)) return end(connection);
      pending = buffer.slice(0, Math.max(0, count));
    }
    const sent = pending.byteLength === 0 ? 0 : write(fd, pending);
    if (sent < 0 && sent !== -EAGAIN) return end(connection);
    pending = pending.subarray(Math.max(0, sent));
    // The vital re-arm: for room to write while something is left, for the next bytes otherwise.
    if (pending.byteLength > 0) connection.modify({ writable: true, trigger: 'oneshot' });
    else connection.modify({ readable: true, trigger: 'oneshot' });
  });

  function end(connection: Registration): void {
    connection.close(); // before the number is closed and used again
    close(fd);
  }
}

function listenOn(address: string, port: number): number {
  const fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, 1);
  const bound = bind(fd, encodeSockaddr({ family: AF_INET, address, port }));
  if (bound < 0) throw new SystemError(bound, 'bind', { fd }, `${address}:${port} is taken or not ours`);
  listen(fd, SOMAXCONN);
  const local = new SockaddrBuffer();
  getsockname(fd, local);
  const name = local.decode();
  if (name?.family === AF_INET) console.log(`echoing on ${name.address}:${name.port}`);
  return fd;
}
