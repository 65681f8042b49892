import type { Server } from 'node:net';
import { describe } from '../../sys/argument.ts';

/** What `net.Server` asks of its handle: node:http, node:https and node:http2 learn from it whether they listen. */
export interface NodeHandle {
  close(): void;
  ref(): void;
  unref(): void;
  /** Writes address, family and port. @returns 0, or a libuv error */
  getsockname?(out: object): number;
}

/** What Node's servers count and look at besides what is documented: the names are the same from Node 0.10 to 26. */
export interface NodeServer extends Server {
  _handle: NodeHandle | null;
  /** What `address()` tells where the handle has no `getsockname`. */
  _pipeName: string | undefined;
  _connections: number;
  _emitCloseIfDrained(): void;
  readonly allowHalfOpen: boolean;
  readonly pauseOnConnect: boolean;
  readonly noDelay: boolean;
  readonly keepAlive: boolean;
  /** In seconds. */
  readonly keepAliveInitialDelay: number;
}

/** @throws {TypeError} for what is no server of Node, or listens already */
export function nodeServer(server: unknown): NodeServer {
  if (!isServer(server)) {
    throw new TypeError(
      `Cannot attach as 'server' must be a server of node:http, node:https, node:http2, node:tls or node:net: ` +
        `current value is ${describe(server)}`,
    );
  }
  if (server.listening) throw new TypeError("Cannot attach as 'server' must not listen yet: close() it first");
  return server;
}

function isServer(value: unknown): value is NodeServer {
  if (typeof value !== 'object' || value === null) return false;
  const server = value as Partial<NodeServer>;
  return typeof server.emit === 'function' && server._handle !== undefined && typeof server._connections === 'number';
}
