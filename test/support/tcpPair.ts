import type { TestContext } from 'node:test';
import type { TcpStream } from 'epoll-ts/net';
import { connectedTcp } from './connectedPair.ts';

/** Both ends of a TCP connection over the loopback, closed when the test ends. */
export async function tcpPair(t: TestContext): Promise<{ readonly client: TcpStream; readonly server: TcpStream }> {
  const pair = await connectedTcp();
  t.after(() => {
    pair.client.close();
    pair.server.close();
  });
  return pair;
}
