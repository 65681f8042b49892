import dns from 'node:dns';
import net, { type Server } from 'node:net';
import { attachHttp, TcpListener, UnixListener } from 'epoll-ts/net';
import { ControlDuplex } from './controlDuplex.ts';
import { highWaterMarks, netArguments, type NetOptions } from './netArguments.ts';

/** What the class keeps, which its type does not tell. */
interface Inner {
  readonly _handle: object | null;
  readonly _unref: boolean;
  readonly allowHalfOpen: boolean;
  readonly highWaterMark: number;
}
type Listen = (this: Server, ...args: unknown[]) => Server;

// What a listener of ours has no counterpart of, and what is wrong, stays Node's.
const foreign = ['fd', 'handle', '_handle', 'signal', 'exclusive', 'readableAll', 'writableAll', 'reusePort'] as const;

/** Has `listen()` of every server of this process attach the server to a listener of ours, or wrap its sockets. */
export function replaceServers(control: boolean, replaced: () => void): void {
  const original = net.Server.prototype.listen as Listen;
  const listen: Listen = control
    ? function (...args) {
        wrapConnections(this, replaced);
        return original.apply(this, args);
      }
    : function (...args) {
        const [options, callback] = netArguments(args);
        if (!replaceable(this, options, args[0])) return original.apply(this, args);
        this.once('connection', replaced);
        const attach = (address?: string): void => {
          const listener = listenerAt(options, address);
          if (listener === null) return void original.apply(this, args);
          if (callback !== null) this.once('listening', callback);
          attachHttp(this, listener, highWaterMarks(this as unknown as NetOptions));
          if ((this as unknown as Inner)._unref) this.unref();
        };
        if (typeof options.host !== 'string' || net.isIP(options.host) > 0) attach(options.host ?? undefined);
        else dns.lookup(options.host, (error, address) => (error ? this.emit('error', error) : attach(address)));
        return this;
      };
  net.Server.prototype.listen = listen as Server['listen'];
}

function replaceable(server: Server, options: NetOptions, first: unknown): boolean {
  if (server.listening || foreign.some((name) => options[name] !== undefined && options[name] !== false)) return false;
  if (typeof first === 'object' && first !== null && '_handle' in first) return false;
  if (options.port !== undefined && options.port !== null) {
    return /^\d+$/.test(String(options.port)) && Number(options.port) < 65_536;
  }
  // Without a port: a path, or any port where there is no first argument; anything else is what Node refuses.
  return typeof options.path === 'string' || first === undefined || first === null || typeof first === 'function';
}

/** @returns null where listening fails: Node tells it in its own words then */
function listenerAt(options: NetOptions, address: string | undefined): TcpListener | UnixListener | null {
  const backlog = typeof options['backlog'] === 'number' ? options['backlog'] : 511;
  const isPath = typeof options.path === 'string' && options.port === undefined;
  try {
    if (isPath) return new UnixListener({ path: String(options.path), backlog });
    return new TcpListener({
      port: Number(options.port ?? 0),
      backlog,
      noDelay: false,
      ipv6Only: options['ipv6Only'] === true,
      ...(address === undefined ? {} : { address }),
    });
  } catch {
    return null;
  }
}

function wrapConnections(server: Server, replaced: () => void): void {
  const { emit } = server;
  server.emit = function (this: Server, name: string, ...args: unknown[]): boolean {
    const [socket] = args;
    // Not a TLSSocket: that one was made of a socket that is wrapped already.
    if (name !== 'connection' || !(socket instanceof net.Socket) || 'encrypted' in socket) {
      return Reflect.apply(emit, this, [name, ...args]);
    }
    replaced();
    const duplex = new ControlDuplex(socket, (this as unknown as Inner).allowHalfOpen);
    return Reflect.apply(emit, this, [name, Object.assign(duplex, { server: this })]);
  };
}
