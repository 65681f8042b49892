import { types } from 'node:util';
import { ClosedError, OwnedFd, SystemError } from 'epoll-ts';
import { StreamSet, TcpListener, TcpStream, threadReactor, UdpSocket, UnixStream } from 'epoll-ts/net';
import * as sys from 'epoll-ts/sys';
import type { Callable } from './surface.ts';

const hosts = ['127.0.0.1', '::1', 'localhost', '127.0.0.1', '', 5, null];
const addresses = ['127.0.0.1', '::1', '127.0.0.1', 'none', '', 5, null];
const groups = ['239.1.2.3', '239.9.9.9', '127.0.0.1', 'ff02::1234%1', 'none', 7, null];
// Looking into processes reads all of /proc.
const inspectEvery = 20;

/**
 * Keeps calls of `epoll-ts/net` and `epoll-ts/inspect` harmless: they stay on this machine and off the ports of others, none
 * waits for ever, and none takes over a descriptor of Node's. `serve` gets no valid number of workers.
 */
export class NetSafeguard {
  readonly #listener = new TcpListener({ address: '127.0.0.1' });
  readonly #udp = new UdpSocket({ address: '127.0.0.1' });
  readonly #set = new StreamSet();
  readonly #ports: readonly unknown[];
  #count = 0;

  constructor() {
    const [tcp, udp] = [this.#listener.localAddress.port, this.#udp.localAddress.port];
    this.#ports = [tcp, udp, tcp, 0, tcp, 65_536, udp, -1, tcp, 1.5, tcp, '80', tcp];
  }

  /** Changes arguments in place. @returns false for a call that is left out */
  admits({ name }: Callable, receiver: unknown, args: unknown[]): boolean {
    this.#count++;
    if (name.startsWith('inspect.')) return this.#count % inspectEvery === 0;
    this.#adjusters[name]?.(args, receiver);
    return true;
  }

  readonly #adjusters: Readonly<Record<string, (args: unknown[], receiver: unknown) => void>> = {
    'net.TcpStream.connect': (args) => this.#place(args, 0, { host: this.#pick(hosts), port: this.#port() }),
    'net.TcpListener': (args) => this.#place(args, 0, this.#own()),
    'net.TcpListener.listen': (args) => this.#place(args, 0, { ...this.#own(), host: this.#pick(hosts) }),
    'net.UdpSocket': (args) => this.#place(args, 0, this.#own()),
    'UdpSocket.connect': (args) => this.#peer(args, 0),
    'UdpSocket.trySend': (args) => this.#peer(args, 1),
    'UdpSocket.send': (args) => this.#peer(args, 1),
    'Multicast.join': (args) => this.#group(args),
    'Multicast.leave': (args) => this.#group(args),
    // close() would wait for the peer.
    'TcpStream.linger=': (args) => {
      if (typeof args[0] === 'number' && args[0] > 0 && args[0] <= 0xffff) args[0] = 0;
    },
    'StreamSet.take': (args) => {
      args[0] = args[0] === null ? null : withMembers(args[0], { timeoutMs: this.#pick([0, 0, 0, -1, NaN, '1']) });
    },
    'StreamSet.run': (_, receiver) => {
      if (receiver !== undefined && !types.isProxy(receiver) && receiver instanceof StreamSet) stopSet(receiver);
    },
    // A set trusts what the threads of its program have put into it: another epoll instance would be no set.
    'net.StreamSet.from': (args) => {
      args[0] = this.#pick([null, {}, '7', -1, 0x7fff_ffff, 1.5, this.#set, this.#set.fd]);
    },
    'net.fdReadable': borrowOnly,
    'net.fdWritable': borrowOnly,
  };

  /** Objects to start with. */
  seed(): readonly object[] {
    switch (this.#count++ % 5) {
      case 0:
        return UnixStream.pair({ type: this.#count % 2 === 0 ? 'stream' : 'seqpacket' });
      case 1:
        return [new TcpListener({ address: '127.0.0.1' })];
      case 2:
        return [new UdpSocket({ address: '127.0.0.1' })];
      case 3:
        return [new StreamSet()];
      default:
        return this.#tcpPair();
    }
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
    this.#set.close();
    this.#listener.close();
    this.#udp.close();
    threadReactor().close();
  }

  // Over the loopback the kernel connects within the call.
  #tcpPair(): TcpStream[] {
    const fd = sys.socket(sys.AF_INET, sys.SOCK_STREAM | sys.SOCK_CLOEXEC | sys.SOCK_NONBLOCK, 0);
    const { port } = this.#listener.localAddress;
    sys.connect(fd, sys.encodeSockaddr({ family: sys.AF_INET, address: '127.0.0.1', port }));
    return [TcpStream.attach(fd), ...this.accepted()];
  }

  #pick<T>(from: readonly T[]): T {
    return from[this.#count++ % from.length] as T;
  }

  #port(): unknown {
    return this.#pick(this.#ports);
  }

  // What this process listens at: a port that is free.
  #own(): object {
    return { address: this.#pick(addresses), port: this.#pick([0, 0, 0, 65_536, 0, 0, -1, 0, '0']) };
  }

  #place(args: unknown[], at: number, members: object): void {
    if (isObject(args[at])) args[at] = withMembers(args[at], members);
  }

  #peer(args: unknown[], at: number): void {
    if (!isObject(args[at])) return;
    const port = this.#port();
    args[at] =
      this.#count % 3 === 0
        ? withMembers(args[at], { host: this.#pick(hosts), port })
        : { address: this.#pick(addresses), port };
  }

  #group(args: unknown[]): void {
    const group = this.#pick(groups);
    args.splice(0, 2, group, ...(String(group).includes(':') ? [] : ['127.0.0.1']));
  }
}

function stopSet(set: StreamSet): void {
  try {
    StreamSet.prototype.stop.call(set);
  } catch (error) {
    // Then `run` throws too.
    if (!(error instanceof ClosedError || error instanceof SystemError)) throw error;
  }
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

/** An object with these members, and those of `value` besides: its getters and traps still act. */
function withMembers(value: unknown, members: object): object {
  return Object.create(isObject(value) ? value : null, Object.getOwnPropertyDescriptors(members)) as object;
}

// A stream reads on its own: of Node's descriptors it must not, and a number is not closed, as another file may have it by then.
function borrowOnly(args: unknown[]): void {
  // A proxy's trap would act here.
  if (!types.isProxy(args[0]) && args[0] instanceof OwnedFd) return;
  if (isObject(args[0])) args[0] = {};
  if (isObject(args[1])) args[1] = withMembers(args[1], { autoClose: false });
}
