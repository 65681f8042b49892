import type { TestContext } from 'node:test';
import { TcpListener, TcpStream } from 'epoll-ts/net';

/** Both ends of a TCP connection over the loopback, closed when the test ends. */
export async function tcpPair(t: TestContext): Promise<{ readonly client: TcpStream; readonly server: TcpStream }> {
  const listener = new TcpListener({ address: '127.0.0.1' });
  const client = await TcpStream.connect({ host: '127.0.0.1', port: listener.localAddress.port });
  const server = await listener.accept();
  listener.close();
  t.after(() => {
    client.close();
    server.close();
  });
  return { client, server };
}
