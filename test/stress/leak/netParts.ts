import { Reactor } from 'epoll-ts';
import { TcpListener, TcpStream, UdpSocket, UnixStream } from 'epoll-ts/net';
import * as sys from 'epoll-ts/sys';
import type { LeakPart } from './parts.ts';

/** What is left to the peer: a reset connection has no TIME_WAIT, of which a million would use up the ports. */
function closeBoth(client: TcpStream, server: TcpStream): void {
  client.reset();
  server.close();
}

/**
 * A listener, and connections to it that are made without waiting: over the loopback the kernel finishes them in the
 * call.
 */
function tcpRig(): { connect(): [TcpStream, TcpStream]; close(): void; readonly descriptor: number } {
  const reactor = new Reactor();
  const listener = new TcpListener({ address: '127.0.0.1', reactor });
  const { port } = listener.localAddress;
  const address = sys.encodeSockaddr({ family: sys.AF_INET, address: '127.0.0.1', port });
  const connect = (): [TcpStream, TcpStream] => {
    const fd = sys.socket(sys.AF_INET, sys.SOCK_STREAM | sys.SOCK_CLOEXEC | sys.SOCK_NONBLOCK, 0);
    const answer = sys.connect(fd, address);
    const client = TcpStream.attach(fd, { reactor });
    const server = listener.tryAccept();
    if (server === null) throw new Error(`The connection did not come: connect answered ${answer}`);
    return [client, server];
  };
  return { connect, close: () => (listener.close(), reactor.close()), descriptor: reactor.fd };
}

/** Parts of `epoll-ts/net`. */
export const netLeakParts: readonly LeakPart[] = [
  {
    name: 'net: connect, accept and close TcpStream',
    share: 1,
    prepare: () => {
      const { connect, close, descriptor } = tcpRig();
      return { once: () => closeBoth(...connect()), close, descriptor };
    },
  },
  {
    name: 'net: open and close TcpListener',
    share: 1,
    prepare: () => ({
      once: () => new TcpListener({ address: '127.0.0.1' }).close(),
      close: () => {},
      descriptor: -1,
    }),
  },
  {
    name: 'net: open and close UdpSocket',
    share: 1,
    prepare: () => ({ once: () => new UdpSocket({ address: '127.0.0.1' }).close(), close: () => {}, descriptor: -1 }),
  },
  {
    name: 'net: open and close a pair of UnixStream, a read of which is pending',
    share: 1,
    prepare: () => {
      const reactor = new Reactor();
      const into = new Uint8Array(8);
      const once = (): void => {
        const [one, other] = UnixStream.pair({ reactor });
        one.read(into).catch(() => {});
        one.close();
        other.close();
      };
      return { once, close: () => reactor.close(), descriptor: reactor.fd };
    },
  },
  {
    name: 'net: abort a pending read',
    share: 0.1,
    prepare: () => {
      const reactor = new Reactor();
      const [one, other] = UnixStream.pair({ reactor });
      const into = new Uint8Array(8);
      const once = (): void => {
        const controller = new AbortController();
        one.read(into, { signal: controller.signal }).catch(() => {});
        controller.abort();
      };
      return { once, close: () => (one.close(), other.close(), reactor.close()), descriptor: reactor.fd };
    },
  },
];
