import type { EventEmitter } from 'node:events';
import { SocketDuplex } from '../adapt/socketDuplex.ts';

// node:tls and node:http2 wrap a stream that is not Node's own into a socket of theirs, whose handle knows no address.
// These are the members of that wrapping that lead back to our Duplex.
interface StreamWrap {
  readonly stream?: unknown;
  readonly _handle?: WrapHandle | null;
}
interface WrapHandle {
  readonly _parentWrap?: StreamWrap;
  getpeername?: (out: object) => number;
  getsockname?: (out: object) => number;
  setNoDelay?: (enable: boolean) => number;
  setKeepAlive?: (enable: boolean, seconds: number) => number;
  ref?: () => void;
  unref?: () => void;
}

/**
 * Has what a server makes of our Duplexes know the addresses, and set the options, of the connection: a TLSSocket, and
 * the socket of an HTTP/2 session without TLS.
 *
 * @returns ends it
 */
export function tellAddresses(server: EventEmitter): () => void {
  const secure = (socket: StreamWrap): void => connectHandle(socket._handle?._parentWrap);
  const failed = (_: unknown, socket: StreamWrap): void => secure(socket);
  const session = (made: { readonly socket: StreamWrap }): void => connectHandle(made.socket);
  // Before the listeners of the server itself, which hand the socket to the program.
  server.prependListener('secureConnection', secure);
  server.prependListener('tlsClientError', failed);
  server.prependListener('session', session);
  return () => {
    server.off('secureConnection', secure);
    server.off('tlsClientError', failed);
    server.off('session', session);
  };
}

function connectHandle(wrap: StreamWrap | undefined): void {
  const duplex = wrap?.stream;
  const handle = wrap?._handle;
  if (!(duplex instanceof SocketDuplex) || handle === null || handle === undefined) return;
  const named = (out: object, address?: string, family?: string, port?: number): number => {
    if (address === undefined) return -1;
    Object.assign(out, { address, family, port });
    return 0;
  };
  handle.getpeername = (out) => named(out, duplex.remoteAddress, duplex.remoteFamily, duplex.remotePort);
  handle.getsockname = (out) => named(out, duplex.localAddress, duplex.localFamily, duplex.localPort);
  handle.setNoDelay = (enable) => (duplex.setNoDelay(enable), 0);
  handle.setKeepAlive = (enable, seconds) => (duplex.setKeepAlive(enable, seconds * 1000), 0);
  handle.ref = () => void duplex.ref();
  handle.unref = () => void duplex.unref();
}
