import { type ByteStream, TcpListener, TcpStream, UnixStream } from 'epoll-ts/net';

/** Two ends of one connection. */
export interface ConnectedPair {
  readonly client: ByteStream;
  readonly server: ByteStream;
}

/** A TCP connection over loopback, both ends in this thread. */
export async function connectedTcp(): Promise<{ client: TcpStream; server: TcpStream }> {
  const listener = new TcpListener({ address: '127.0.0.1' });
  try {
    const client = await TcpStream.connect({ host: '127.0.0.1', port: listener.localAddress.port });
    return { client, server: await listener.accept() };
  } finally {
    listener.close();
  }
}

async function connectedUnix(): Promise<ConnectedPair> {
  const [client, server] = UnixStream.pair();
  return { client, server };
}

/** Every kind of stream, by name. */
export const pairMakers: ReadonlyMap<string, () => Promise<ConnectedPair>> = new Map<
  string,
  () => Promise<ConnectedPair>
>([
  ['TcpStream', connectedTcp],
  ['UnixStream', connectedUnix],
]);
