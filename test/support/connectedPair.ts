import type { TestContext } from 'node:test';
import { type ByteStream, TcpListener, TcpStream } from 'epoll-ts/net';

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

/** Every kind of stream, by name. */
export const pairMakers: ReadonlyMap<string, () => Promise<ConnectedPair>> = new Map([['TcpStream', tcpPair]]);

/** Closes what is still open when the test ends. */
export async function openedTcpPair(t: TestContext): Promise<{ client: TcpStream; server: TcpStream }> {
  const pair = await tcpPair();
  t.after(() => {
    pair.client.close();
    pair.server.close();
  });
  return pair;
}
