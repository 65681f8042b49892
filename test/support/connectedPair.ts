import type { TestContext } from 'node:test';
import { SystemError } from 'epoll-ts';
import { TcpListener, TcpStream } from 'epoll-ts/net';
import { AF_UNIX, SOCK_CLOEXEC, SOCK_NONBLOCK, SOCK_STREAM, socketpair } from 'epoll-ts/sys';
import { ByteStream } from '#epoll/net/byteStream.js';

/** Two ends of one connection. */
export interface ConnectedPair {
  readonly client: ByteStream;
  readonly server: ByteStream;
}

/** A TCP connection over loopback, both ends in this thread. */
export async function tcpPair(): Promise<{ client: TcpStream; server: TcpStream }> {
  const listener = new TcpListener({ address: '127.0.0.1' });
  try {
    const client = await TcpStream.connect({ host: '127.0.0.1', port: listener.localAddress.port });
    return { client, server: await listener.accept() };
  } finally {
    listener.close();
  }
}

class UnixEnd extends ByteStream {
  constructor(fd: number) {
    super(fd, {});
  }
}

async function unixPair(): Promise<ConnectedPair> {
  const pair = socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (typeof pair === 'number') throw new SystemError(pair, 'socketpair');
  return { client: new UnixEnd(pair[0]), server: new UnixEnd(pair[1]) };
}

/** Every kind of stream, by name. */
export const pairMakers: ReadonlyMap<string, () => Promise<ConnectedPair>> = new Map<
  string,
  () => Promise<ConnectedPair>
>([
  ['TcpStream', tcpPair],
  ['ByteStream of a socketpair', unixPair],
]);

/** Closes what is still open when the test ends. */
export async function openedTcpPair(t: TestContext): Promise<{ client: TcpStream; server: TcpStream }> {
  const pair = await tcpPair();
  t.after(() => {
    pair.client.close();
    pair.server.close();
  });
  return pair;
}
