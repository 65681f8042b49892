import { once } from 'node:events';
import { connect as connectPlain, type Server, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { TestContext } from 'node:test';
import { attachHttp, type AttachedHttp, type SocketDuplex, TcpListener } from 'epoll-ts/net';
import { testCertificate } from '../../support/testCertificate.ts';

/** A server of Node on a listener of ours. */
export interface Served {
  readonly port: number;
  readonly listener: TcpListener;
  readonly attached: AttachedHttp;
  /** A client of Node's own, destroyed when the test ends. */
  client(): Promise<Socket>;
  /** As `client`, over TLS. */
  secureClient(...protocols: string[]): Promise<Socket>;
}

/** Attaches the server; all is closed when the test ends. */
export function served(t: TestContext, server: Server): Served {
  const listener = new TcpListener({ address: '127.0.0.1' });
  const { port } = listener.localAddress;
  const open = new Set<{ destroy(): unknown }>();
  server.on('connection', (duplex: SocketDuplex) => open.add(duplex));
  const attached = attachHttp(server, listener);
  t.after(async () => {
    for (const socket of open) socket.destroy();
    await attached.close();
  });
  const kept = (socket: Socket): Socket => {
    open.add(socket);
    // That it was reset is what the test wanted, or is told by what it reads.
    return socket.on('error', () => {});
  };
  return {
    port,
    listener,
    attached,
    async client() {
      const socket = kept(connectPlain(port, '127.0.0.1'));
      await once(socket, 'connect');
      return socket;
    },
    async secureClient(...ALPNProtocols) {
      const options = { host: '127.0.0.1', port, ca: testCertificate.cert, servername: 'localhost' };
      const socket = kept(connectTls(ALPNProtocols.length === 0 ? options : { ...options, ALPNProtocols }));
      await once(socket, 'secureConnect');
      return socket;
    },
  };
}

/** Sends the same again and again, until the socket is closed. */
export function trickle(socket: Socket, bytes: string | Uint8Array): void {
  const timer = setInterval(() => void (socket.writable && socket.write(bytes)), 5);
  socket.once('close', () => clearInterval(timer));
}

/** All that the socket receives until it is closed. */
export async function untilClosed(socket: Socket): Promise<string> {
  let received = '';
  socket.on('data', (chunk: Buffer) => (received += chunk.toString('latin1')));
  await closed(socket);
  return received;
}

/** Waits until the socket is closed; that it was reset is no fault. */
export async function closed(socket: Socket): Promise<void> {
  if (socket.closed) return;
  await new Promise<void>((resolve) => {
    socket.once('close', () => resolve());
  });
}
