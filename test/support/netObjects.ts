import { Pipe } from 'epoll-ts';
import {
  fdReadable,
  fdWritable,
  StreamSet,
  TcpListener,
  TcpStream,
  UdpSocket,
  UnixListener,
  UnixStream,
} from 'epoll-ts/net';
import {
  AF_INET,
  AF_UNIX,
  bind,
  close,
  dup,
  encodeSockaddr,
  errnoName,
  F_GETFL,
  F_SETFL,
  fcntl,
  listen,
  O_NONBLOCK,
  SOCK_DGRAM,
  SOCK_STREAM,
  socket,
} from 'epoll-ts/sys';

interface Closable {
  close(): unknown;
}

type Keep = <T extends Closable>(made: T) => T;

/**
 * Ways to get descriptors from `epoll-ts/net`. Each makes what it needs, too, and all that it keeps is closed at the
 * end.
 */
export const netObjects: Readonly<Record<string, (keep: Keep) => Promise<unknown>>> = {
  'new TcpListener': async (keep) => keep(new TcpListener({ address: '127.0.0.1' })),
  'TcpListener.attach': async (keep) => {
    const fd = numbered(socket(AF_INET, SOCK_STREAM, 0));
    numbered(bind(fd, encodeSockaddr(loopback)));
    numbered(listen(fd, 8));
    taken(fd, keep, (number) => TcpListener.attach(number));
  },
  'TcpListener.accept': async (keep) => {
    const listener = keep(new TcpListener({ address: '127.0.0.1' }));
    keep(await TcpStream.connect({ host: '127.0.0.1', port: listener.localAddress.port }));
    await listener.untilReadable();
    keep(refusedIfNull(listener.tryAccept()));
  },
  'TcpStream.attach': async (keep) => {
    const listener = keep(new TcpListener({ address: '127.0.0.1' }));
    const client = keep(await TcpStream.connect({ host: '127.0.0.1', port: listener.localAddress.port }));
    taken(inherited(client.fd), keep, (number) => TcpStream.attach(number));
  },
  'new UdpSocket': async (keep) => keep(new UdpSocket({ address: '127.0.0.1' })),
  'UdpSocket.attach': async (keep) =>
    taken(numbered(socket(AF_INET, SOCK_DGRAM, 0)), keep, (number) => UdpSocket.attach(number)),
  'new UnixListener': async (keep) => keep(new UnixListener({ path: abstract() })),
  'UnixListener.attach': async (keep) => {
    const fd = numbered(socket(AF_UNIX, SOCK_STREAM, 0));
    numbered(bind(fd, encodeSockaddr({ family: AF_UNIX, path: abstract() })));
    numbered(listen(fd, 8));
    taken(fd, keep, (number) => UnixListener.attach(number));
  },
  'UnixListener.accept': async (keep) => {
    const path = abstract();
    const listener = keep(new UnixListener({ path }));
    keep(await UnixStream.connect({ path }));
    keep(refusedIfNull(listener.tryAccept()));
  },
  'UnixStream.pair': async (keep) => UnixStream.pair().forEach(keep),
  'UnixStream.pair of messages': async (keep) => UnixStream.pair({ type: 'seqpacket' }).forEach(keep),
  'UnixStream.attach': async (keep) => {
    const [one] = UnixStream.pair().map(keep);
    taken(inherited((one as UnixStream).fd), keep, (number) => UnixStream.attach(number));
  },
  'UnixStream.tryReceiveFds': async (keep) => {
    const [one, two] = UnixStream.pair();
    for (const end of [one, two]) keep(end);
    one.trySendFds(Buffer.from('x'), [one]);
    for (const fd of refusedIfNull(two.tryReceiveFds(new Uint8Array(8))).fds) keep(fd);
  },
  'fdReadable of a pipe': async (keep) => {
    const pipe = keep(new Pipe());
    keep(destroying(fdReadable(pipe.reader)));
  },
  'fdWritable of a pipe': async (keep) => {
    const pipe = keep(new Pipe());
    keep(destroying(fdWritable(pipe.writer)));
  },
  'fdReadable and fdWritable of a socket': async (keep) => {
    const [one] = UnixStream.pair().map(keep);
    keep(destroying(fdReadable(one as UnixStream)));
    keep(destroying(fdWritable(one as UnixStream)));
  },
  'new StreamSet': async (keep) => keep(new StreamSet()),
};

/** Makes one of them; where that fails, what it needed is closed. @returns closes all */
export async function made(make: (keep: Keep) => Promise<unknown>): Promise<() => void> {
  const kept: Closable[] = [];
  const close = (): void => {
    for (const one of kept.splice(0)) one.close();
  };
  try {
    await make((one) => {
      kept.push(one);
      return one;
    });
  } catch (error) {
    close();
    throw error;
  }
  return close;
}

const loopback = { family: AF_INET, address: '127.0.0.1', port: 0 } as const;
let names = 0;
const abstract = (): string => `\0epoll-ts-net-objects-${process.pid}-${names++}`;

/** Has a number taken over; where that fails it is closed. */
function taken(fd: number, keep: Keep, attach: (fd: number) => Closable): void {
  try {
    keep(attach(fd));
  } catch (error) {
    close(fd);
    throw error;
  }
}

// A number that blocks, and that every child inherits.
function inherited(fd: number): number {
  const copy = numbered(dup(fd));
  fcntl(copy, F_SETFL, fcntl(copy, F_GETFL) & ~O_NONBLOCK);
  return copy;
}

// At the limit the calls of the test itself fail, too.
function numbered(answer: number): number {
  if (answer < 0) throw Object.assign(new Error('a call of the test itself has failed'), { code: errnoName(answer) });
  return answer;
}

function refusedIfNull<T>(answer: T | null): T {
  if (answer === null) throw new Error('there was nothing');
  return answer;
}

const destroying = (stream: { destroy(): unknown }): Closable => ({ close: () => stream.destroy() });
