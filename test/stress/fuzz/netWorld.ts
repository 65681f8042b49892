import dns from 'node:dns/promises';
import { syncBuiltinESMExports } from 'node:module';
import { SystemError } from 'epoll-ts';
import { StreamSet, TcpListener, TcpStream, threadReactor, UdpSocket, UnixListener, UnixStream } from 'epoll-ts/net';
import * as sys from 'epoll-ts/sys';
import type { Random } from './random.ts';

/** What calls of `epoll-ts/net` connect to: everything in this process, over the loopback. */
export class NetWorld {
  readonly #random: Random;
  readonly #listener = new TcpListener({ address: '127.0.0.1' });
  readonly #udp = new UdpSocket({ address: '127.0.0.1' });
  // Bound, and nobody listens there.
  readonly #deaf = sys.socket(sys.AF_INET, sys.SOCK_STREAM | sys.SOCK_CLOEXEC, 0);
  readonly #ports: readonly unknown[];
  readonly #mostWorkers: number;
  #workers = 0;
  #names = 0;

  constructor(random: Random, mostWorkers: number) {
    this.#random = random;
    this.#mostWorkers = mostWorkers;
    sys.bind(this.#deaf, sys.encodeSockaddr({ family: sys.AF_INET, address: '127.0.0.1', port: 0 }));
    const name = new sys.SockaddrBuffer();
    sys.getsockname(this.#deaf, name);
    const [tcp, udp, deaf] = [this.#listener.localAddress.port, this.#udp.localAddress.port, portOf(name)];
    this.#ports = [tcp, tcp, tcp, tcp, udp, udp, deaf, 0, 65_536, -1, 1.5, '80'];
  }

  /** A port to connect, or send, to. */
  peerPort(): unknown {
    return this.#random.pick(this.#ports);
  }

  /** The name of a unix socket: of one that listens, of a file, of nothing. */
  path(): string {
    const { pid } = process;
    return this.#random.pick([`\0fuzz-${pid}-0`, `\0fuzz-${pid}-1`, 'sock0', 'sock1', 'none/x', '', 'x'.repeat(200)]);
  }

  /** Whether `serve` may have threads in this process. */
  get hasWorkers(): boolean {
    return this.#mostWorkers > 0;
  }

  /** How many workers `serve` gets: starting a thread takes as long as thousands of calls. */
  workers(): unknown {
    if (this.#workers < this.#mostWorkers && this.#random.chance(20)) return ++this.#workers && 1;
    return this.#random.pick([undefined, undefined, undefined, undefined, 0, -1, 1.5, '1', 1025]);
  }

  /** Objects to start with. */
  seed(): readonly object[] {
    return this.#random.pick<() => readonly object[]>([
      () => UnixStream.pair({ type: 'stream' }),
      () => UnixStream.pair({ type: 'seqpacket' }),
      () => [new TcpListener({ address: '127.0.0.1' })],
      () => [new UdpSocket({ address: '127.0.0.1' })],
      () => [new StreamSet()],
      () => [...this.#unixListener()],
      () => this.#tcpPair(),
      () => this.#tcpPair(),
    ])();
  }

  /** The connections that calls have made to the listener here. */
  accepted(): TcpStream[] {
    const streams: TcpStream[] = [];
    for (let one = this.#listener.tryAccept(); one !== null; one = this.#listener.tryAccept()) streams.push(one);
    return streams;
  }

  /** Closes all that there is, the thread's reactor too. */
  finish(): void {
    for (const stream of this.accepted()) stream.close();
    this.#listener.close();
    this.#udp.close();
    sys.close(this.#deaf);
    threadReactor().close();
  }

  // Over the loopback the kernel connects within the call.
  #tcpPair(): TcpStream[] {
    const fd = sys.socket(sys.AF_INET, sys.SOCK_STREAM | sys.SOCK_CLOEXEC | sys.SOCK_NONBLOCK, 0);
    const { port } = this.#listener.localAddress;
    sys.connect(fd, sys.encodeSockaddr({ family: sys.AF_INET, address: '127.0.0.1', port }));
    return [TcpStream.attach(fd), ...this.accepted()];
  }

  #unixListener(): UnixListener[] {
    const name = `\0fuzz-${process.pid}-${this.#random.chance(80) ? this.#names++ % 2 : 'x'}`;
    try {
      return [new UnixListener({ path: name, type: this.#random.pick(['stream', 'seqpacket']) })];
    } catch (error) {
      // Another one has the name.
      if (error instanceof SystemError) return [];
      throw error;
    }
  }
}

function portOf(name: sys.SockaddrBuffer): number {
  const address = name.decode();
  return address !== null && 'port' in address ? address.port : 0;
}

/** Has no name leave this machine: of all names only `localhost` is looked up. */
export function keepNamesHere(): void {
  const { lookup } = dns;
  dns.lookup = (async (name: string, options: object) => {
    if (name === 'localhost') return lookup(name, options);
    throw Object.assign(new Error(`getaddrinfo ENOTFOUND ${name.slice(0, 20)}`), { code: 'ENOTFOUND' });
  }) as typeof lookup;
  syncBuiltinESMExports();
}
