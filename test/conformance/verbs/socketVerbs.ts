import {
  accept4,
  AF_INET,
  AF_UNIX,
  bind,
  close,
  connect,
  encodeSockaddr,
  fcntl,
  F_GETFL,
  F_SETFL,
  getsockname,
  getsockopt,
  IPPROTO_TCP,
  listen,
  MSG_DONTWAIT,
  MSG_OOB,
  MSG_PEEK,
  O_NONBLOCK,
  recv,
  send,
  setsockopt,
  shutdown,
  SO_ERROR,
  SO_LINGER,
  SO_REUSEADDR,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOCK_SEQPACKET,
  SOCK_STREAM,
  SockaddrBuffer,
  socket,
  socketpair,
  SOL_SOCKET,
  TCP_NODELAY,
  errnoName,
} from 'epoll-ts/sys';
import { answered, must, nameDescriptor, uninterrupted } from '../answer.ts';
import { descriptor, type Operands, type Verbs } from '../rig.ts';
import { StepError } from '../stepResult.ts';
import { int32 } from '../vocabulary.ts';

const loopback = '127.0.0.1';

/** Sockets, and what only sockets can. */
export const socketVerbs: Verbs = {
  socketpair: (call, { names }) => {
    const type = call.has('dgram') ? SOCK_DGRAM : call.has('seqpacket') ? SOCK_SEQPACKET : SOCK_STREAM;
    const pair = socketpair(AF_UNIX, type | typeFlags(call), 0);
    if (typeof pair === 'number') throw new StepError(`socketpair gave ${errnoName(pair)}`);
    call.pair().forEach((name, index) => nameDescriptor(names, name, pair[index] ?? -1));
    return { ret: 0 };
  },
  listen: (call, { names }) => {
    const { fd, port } = listener(int32(call.option('backlog') ?? '128'), typeFlags(call));
    names.set('port', call.word(0), port);
    nameDescriptor(names, call.word(0), fd);
    return { ret: 0 };
  },
  connect: (call, { names }) => {
    const port = names.number('port', call.word(1));
    const fd = must(socket(AF_INET, SOCK_STREAM | typeFlags(call), 0), 'socket');
    // Named first: another thread may use it while this one is blocked in connect.
    nameDescriptor(names, call.word(0), fd);
    return answered(connect(fd, localAddress(port)));
  },
  accept: (call, { names }) => {
    const fd = uninterrupted(() => accept4(descriptor(names, call.word(1)), null, typeFlags(call)));
    if (fd < 0) return answered(fd);
    nameDescriptor(names, call.word(0), fd);
    return { ret: 0 };
  },
  tcppair: (call, { names }) => {
    const [client, server] = call.pair();
    const { fd: listening, port } = listener(8, SOCK_CLOEXEC);
    const a = must(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), 'socket');
    must(connect(a, localAddress(port)), 'connect');
    const b = must(
      uninterrupted(() => accept4(listening, null, SOCK_CLOEXEC)),
      'accept4',
    );
    must(close(listening), 'close');
    for (const fd of [a, b]) {
      if (call.has('nonblock')) must(fcntl(fd, F_SETFL, must(fcntl(fd, F_GETFL), 'fcntl') | O_NONBLOCK), 'fcntl');
      must(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, 1), 'setsockopt');
    }
    nameDescriptor(names, client, a);
    nameDescriptor(names, server, b);
    return { ret: 0 };
  },
  udppair: (call, { names }) => {
    const fds = call.pair().map((name) => {
      const fd = must(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), 'socket');
      must(bind(fd, localAddress(0)), 'bind');
      nameDescriptor(names, name, fd);
      return fd;
    });
    const [a = -1, b = -1] = fds;
    must(connect(a, localAddress(portOf(b))), 'connect');
    must(connect(b, localAddress(portOf(a))), 'connect');
    return { ret: 0 };
  },
  socket: (call, { names }) => {
    const kinds = new Map([
      ['tcp', [AF_INET, SOCK_STREAM]],
      ['udp', [AF_INET, SOCK_DGRAM]],
      ['unix', [AF_UNIX, SOCK_STREAM]],
    ]);
    const [domain, type] = kinds.get(call.word(1)) ?? [];
    if (domain === undefined || type === undefined) throw new StepError(`${call.word(1)} is not a kind of socket`);
    nameDescriptor(names, call.word(0), must(socket(domain, type | SOCK_CLOEXEC, 0), 'socket'));
    return { ret: 0 };
  },
  sendoob: (call, { names }) => ({
    ret: must(send(descriptor(names, call.word(0)), Buffer.from('o'), MSG_OOB), 'send'),
  }),
  recvoob: (call, { names }) => ({
    ret: must(recv(descriptor(names, call.word(0)), new Uint8Array(1), MSG_OOB), 'recv'),
  }),
  peek: (call, { names }) =>
    answered(recv(descriptor(names, call.word(0)), new Uint8Array(int32(call.word(1))), MSG_PEEK | MSG_DONTWAIT)),
  linger0: (call, { names }) => {
    const onForZeroSeconds = new Uint8Array(Int32Array.of(1, 0).buffer);
    must(setsockopt(descriptor(names, call.word(0)), SOL_SOCKET, SO_LINGER, onForZeroSeconds), 'setsockopt');
    return { ret: 0 };
  },
  shutdown: (call, { names }) => {
    const how = ['rd', 'wr', 'rdwr'].indexOf(call.word(1));
    if (how < 0) throw new StepError(`${call.word(1)} is not rd, wr or rdwr`);
    return answered(shutdown(descriptor(names, call.word(0)), how));
  },
  soerror: (call, { names }) => {
    const value = new Int32Array(1);
    must(getsockopt(descriptor(names, call.word(0)), SOL_SOCKET, SO_ERROR, new Uint8Array(value.buffer)), 'getsockopt');
    return { ret: 0, value: value[0] === 0 ? '0' : errnoName(value[0] ?? 0) };
  },
};

function typeFlags(call: Operands): number {
  return SOCK_CLOEXEC | (call.has('nonblock') ? SOCK_NONBLOCK : 0);
}

function localAddress(port: number): Uint8Array {
  return encodeSockaddr({ family: AF_INET, address: loopback, port });
}

function portOf(fd: number): number {
  const address = new SockaddrBuffer();
  must(getsockname(fd, address), 'getsockname');
  const decoded = address.decode();
  if (decoded?.family !== AF_INET) throw new StepError('getsockname gave no IPv4 address');
  return decoded.port;
}

function listener(backlog: number, flags: number): { fd: number; port: number } {
  const fd = must(socket(AF_INET, SOCK_STREAM | flags, 0), 'socket');
  must(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, 1), 'setsockopt');
  must(bind(fd, localAddress(0)), 'bind');
  must(listen(fd, backlog), 'listen');
  return { fd, port: portOf(fd) };
}
