import type { TestContext } from 'node:test';
import { Reactor } from 'epoll-ts';
import { type ByteStream, TcpListener, type TcpListenOptions, TcpStream } from 'epoll-ts/net';

/** A listener and connections on a reactor of their own, closed when the test ends. */
export interface TcpRig {
  readonly reactor: Reactor;
  readonly listener: TcpListener;
  /** Both ends of a new connection. */
  pair(): Promise<{ readonly client: TcpStream; readonly server: TcpStream }>;
  /** Another client of the listener, which is not accepted yet. */
  connect(): Promise<TcpStream>;
}

export function tcpRig(t: TestContext, options: TcpListenOptions = {}): TcpRig {
  const reactor = new Reactor();
  const listener = new TcpListener({ address: '127.0.0.1', reactor, ...options });
  const { address: host, port } = listener.localAddress;
  const opened: TcpStream[] = [];
  t.after(() => {
    for (const socket of [...opened, listener, reactor]) socket.close();
  });
  const kept = (stream: TcpStream): TcpStream => {
    opened.push(stream);
    return stream;
  };
  const connect = async (): Promise<TcpStream> => kept(await TcpStream.connect({ host, port, reactor }));
  return {
    reactor,
    listener,
    connect,
    pair: async () => {
      const client = await connect();
      return { client, server: kept(await listener.accept()) };
    },
  };
}

/**
 * Gives both ends buffers of fixed sizes. What the receiver takes late, at most its window, is far less than what makes
 * a full sender writable again: once `fill` has come to its end there is no room until the peer reads, however late the
 * machine is.
 */
export function fixBuffers({ from, to }: { readonly from: TcpStream; readonly to: TcpStream }): void {
  to.receiveBufferSize = 50_000;
  from.sendBufferSize = 200_000;
}

/** Writes until there is no room; answers how many bytes went. */
export function fill(stream: ByteStream): number {
  const chunk = new Uint8Array(65_536);
  let all = 0;
  for (let count; (count = stream.tryWrite(chunk)) !== null;) all += count;
  return all;
}

/** Reads to the end. */
export async function readAll(stream: TcpStream): Promise<Buffer> {
  const parts: Buffer[] = [];
  const into = Buffer.alloc(65_536);
  for (let count; (count = await stream.read(into)) > 0;) parts.push(Buffer.from(into.subarray(0, count)));
  return Buffer.concat(parts);
}
