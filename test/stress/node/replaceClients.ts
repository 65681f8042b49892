import http from 'node:http';
import net, { type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import tls from 'node:tls';
import { type SocketDuplex, TcpStream, UnixStream } from 'epoll-ts/net';
import * as sys from 'epoll-ts/sys';
import { ControlDuplex } from './controlDuplex.ts';
import { highWaterMarks, netArguments, type NetOptions } from './netArguments.ts';

type Connect = (...args: unknown[]) => Duplex;

// What our connecting has no counterpart of, or needs the socket before it is connected, stays Node's.
const foreign = [
  'signal',
  'onread',
  'handle',
  'blockList',
  'lookup',
  'localAddress',
  'localPort',
  'fd',
  'family',
] as const;
const connectedWithinMs = 1000;

/**
 * Has `net.connect`, `http.request`, `tls.connect` and `http2.connect` of this process make sockets of ours, or wrapped
 * ones.
 */
export function replaceClients(control: boolean, replaced: () => void): void {
  const original = net.connect as unknown as Connect;
  const ours = new WeakSet<Duplex>();
  const connect: Connect = (...args) => {
    const [options, callback] = netArguments(args);
    const stream = connected(options);
    if (stream === null) return original.apply(net, args);
    replaced();
    const duplex = control ? wrapped(original, options, stream) : ourDuplex(stream, options);
    ours.add(duplex);
    if (callback !== null) duplex.once('connect', callback);
    return duplex;
  };
  const tlsConnect = tls.connect as unknown as Connect;
  Object.assign(net, { connect, createConnection: connect });
  Object.assign(http.Agent.prototype, {
    createConnection(...args: unknown[]): Duplex {
      const [options] = netArguments(args);
      const { socketPath, ...others } = options;
      return connect(socketPath === undefined ? others : { ...others, path: socketPath }, args[1]);
    },
  });
  Object.assign(tls, {
    connect: (...args: unknown[]): Duplex => {
      const [options, callback] = netArguments(args);
      const { socket, path, port, host, allowHalfOpen } = options;
      if (socket !== undefined || path !== undefined || port === undefined) return tlsConnect.apply(tls, args);
      const made = connect({ port, host, allowHalfOpen });
      if (ours.has(made)) return tlsConnect.call(tls, { ...options, socket: made }, callback ?? undefined);
      made.destroy();
      return tlsConnect.apply(tls, args);
    },
  });
}

function ourDuplex(stream: TcpStream | UnixStream, options: NetOptions): SocketDuplex {
  const duplex = stream.toDuplex({ allowHalfOpen: options['allowHalfOpen'] === true, ...highWaterMarks(options) });
  if (typeof options.timeout === 'number') duplex.setTimeout(options.timeout);
  if (options['noDelay'] === true) duplex.setNoDelay(true);
  if (options['keepAlive'] === true) duplex.setKeepAlive(true, Number(options['keepAliveInitialDelay'] ?? 0));
  // It is connected, and plays that it connects: who asks has time to listen for 'connect', as with a socket of Node's
  // own.
  const connecting = (value: boolean): void => {
    for (const name of ['connecting', 'pending']) Object.defineProperty(duplex, name, { value, configurable: true });
  };
  connecting(true);
  duplex.cork();
  setImmediate(() => {
    connecting(false);
    duplex.uncork();
    if (duplex.destroyed) return;
    duplex.emit('connect');
    duplex.emit('ready');
    // As net.Socket does: who reads nothing still learns of the end.
    if (duplex.readableFlowing !== false) duplex.read(0);
  });
  return duplex;
}

function wrapped(original: Connect, options: NetOptions, stream: TcpStream | UnixStream): Duplex {
  // It was there to show that the other side can be reached.
  stream.close();
  const socket = original.call(net, { ...options, allowHalfOpen: true }) as Socket;
  const duplex = new ControlDuplex(socket, options['allowHalfOpen'] === true);
  socket.on('connect', () => {
    duplex.emit('connect');
    duplex.emit('ready');
  });
  return duplex;
}

/** @returns a stream that is connected already; null where that cannot be had at once: Node does it then */
function connected(options: NetOptions): TcpStream | UnixStream | null {
  if (foreign.some((name) => options[name] !== undefined && options[name] !== null && options[name] !== 0)) return null;
  const isPath = typeof options.path === 'string' && options.path !== '';
  try {
    return isPath
      ? UnixStream.attach(connectedTo({ family: sys.AF_UNIX, path: String(options.path) }))
      : toPort(options);
  } catch {
    return null;
  }
}

function toPort({ host, port }: NetOptions): TcpStream | null {
  const address = host === undefined || host === null || host === 'localhost' ? '127.0.0.1' : host;
  const version = net.isIP(address);
  if (version === 0 || !/^\d+$/.test(String(port)) || Number(port) === 0) return null;
  const at = { address, port: Number(port) };
  return TcpStream.attach(
    connectedTo(
      version === 6 ? { family: sys.AF_INET6, flowinfo: 0, scopeId: 0, ...at } : { family: sys.AF_INET, ...at },
    ),
  );
}

function connectedTo(address: sys.Sockaddr): number {
  const fd = sys.socket(address.family, sys.SOCK_STREAM | sys.SOCK_CLOEXEC | sys.SOCK_NONBLOCK, 0);
  const answer = sys.connect(fd, sys.encodeSockaddr(address));
  const pending = answer === -sys.EINPROGRESS && sys.pollOne(fd, sys.POLLOUT, connectedWithinMs) === sys.POLLOUT;
  if (answer === 0 || pending) return fd;
  sys.close(fd);
  throw new Error(`Cannot connect: ${answer}`);
}
