// A program that uses the package, as `npm run test:types` compiles it with several TypeScripts: all declarations are
// read.
import { type Epoll, EventFd, isReadable, type Reactor, type Registration, TimerFd } from 'epoll-ts';
import { findProcesses } from 'epoll-ts/inspect';
import { type ByteStream, serve, TcpListener, TcpStream, UdpSocket } from 'epoll-ts/net';
import { EPOLLIN, EpollEventBuffer } from 'epoll-ts/sys';

/** Waits for a counter that a timer follows. */
export async function counted(reactor: Reactor): Promise<bigint | null> {
  const counter = new EventFd({ initial: 5 });
  const registration: Registration = reactor.register(
    counter,
    { readable: true, trigger: 'oneshot' },
    (readiness, own) => {
      if (isReadable(readiness)) own.rearm();
    },
  );
  const timer = new TimerFd({ clock: 'boottime' });
  timer.set({ afterMs: 1, everyNs: 1_000_000n });
  await registration.readable({ signal: AbortSignal.timeout(1000) });
  for await (const readiness of registration) if (readiness !== 0) break;
  return counter.read();
}

/** Answers what comes, as a server and as a client. */
export async function echoed(): Promise<number> {
  const listener = new TcpListener({ address: '127.0.0.1' });
  void serve({ listener, onConnection: (stream: ByteStream) => stream.write(new Uint8Array(1)) });
  const client = await TcpStream.connect({ host: '127.0.0.1', port: listener.localAddress.port, timeoutMs: 1000 });
  client.toDuplex({ allowHalfOpen: true }).on('data', (chunk: Buffer) => chunk.byteLength);
  const socket = new UdpSocket();
  return socket.localAddress.port + findProcesses().length;
}

/** Waits as C does. */
export function waited(ep: Epoll, fd: number): number {
  ep.add({ fd }, EPOLLIN, 7n);
  return ep.wait(new EpollEventBuffer(8), { timeoutMs: 0 });
}
