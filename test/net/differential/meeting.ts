import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { TcpListener, TcpStream, UnixListener, UnixStream } from 'epoll-ts/net';

/** Whose socket is looked at: Node's own, the control, or a Duplex on a stream of ours. */
export type Kind = 'net' | 'ours';
export type Transport = 'tcp' | 'unix';

export interface MeetingOptions {
  readonly allowHalfOpen?: boolean;
  readonly highWaterMark?: number;
}

/** The socket that is looked at, and the other end, which is Node's own always and says nothing by itself. */
export interface Meeting {
  readonly socket: Socket;
  readonly peer: Socket;
}

/** Connects the two: the socket is the one that a server has accepted. */
export async function accepted(
  kind: Kind,
  transport: Transport,
  path: string,
  options: MeetingOptions,
): Promise<Meeting> {
  if (kind === 'ours') {
    const listener = transport === 'tcp' ? new TcpListener({ address: '127.0.0.1' }) : new UnixListener({ path });
    const peer = dialled(listener instanceof TcpListener ? listener.localAddress.port : path);
    const [stream] = await Promise.all([listener.accept(), once(peer, 'connect')]);
    listener.close();
    return { socket: stream.toDuplex(duplexOptions(options)) as unknown as Socket, peer };
  }
  const server = createServer(options);
  const peer = dialled(await listening(server, transport, path));
  const [[socket]] = (await Promise.all([once(server, 'connection'), once(peer, 'connect')])) as [[Socket], unknown];
  server.close();
  return { socket, peer };
}

/** Connects the two: the socket is the one that has connected. */
export async function connected(
  kind: Kind,
  transport: Transport,
  path: string,
  options: MeetingOptions,
): Promise<Meeting> {
  const server = createServer({ allowHalfOpen: true });
  const to = await listening(server, transport, path);
  const connection = once(server, 'connection') as Promise<[Socket]>;
  const socket = kind === 'ours' ? await ourConnection(to, options) : connect({ ...target(to), ...options });
  if (kind === 'net') await once(socket, 'connect');
  const [peer] = await connection;
  server.close();
  peer.on('error', () => {});
  return { socket, peer };
}

/** Resolves at the event, also at 'error', which `once` of node:events takes for a failure. */
export function happens(socket: Socket, event: string): Promise<unknown> {
  return new Promise((resolve) => {
    socket.once(event, resolve);
  });
}

/** Resolves with the next exception that nobody catches, which then is no fault of the test. */
export function uncaught(): Promise<Error> {
  return new Promise((resolve) => {
    process.setUncaughtExceptionCaptureCallback((error) => {
      process.setUncaughtExceptionCaptureCallback(null);
      resolve(error);
    });
  });
}

/** Enough turns of the event loop for what is on its way within this process to have come. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await nextTurn();
}

async function ourConnection(to: number | string, options: MeetingOptions): Promise<Socket> {
  const stream =
    typeof to === 'number'
      ? await TcpStream.connect({ host: '127.0.0.1', port: to })
      : await UnixStream.connect({ path: to });
  return stream.toDuplex(duplexOptions(options)) as unknown as Socket;
}

function duplexOptions({ allowHalfOpen, highWaterMark }: MeetingOptions): Parameters<TcpStream['toDuplex']>[0] {
  return {
    ...(allowHalfOpen === undefined ? {} : { allowHalfOpen }),
    ...(highWaterMark === undefined
      ? {}
      : { readableHighWaterMark: highWaterMark, writableHighWaterMark: highWaterMark }),
  };
}

async function listening(server: Server, transport: Transport, path: string): Promise<number | string> {
  if (transport === 'tcp') server.listen(0, '127.0.0.1');
  else server.listen(path);
  await once(server, 'listening');
  return transport === 'tcp' ? (server.address() as AddressInfo).port : path;
}

function target(to: number | string): { host: string; port: number } | { path: string } {
  return typeof to === 'number' ? { host: '127.0.0.1', port: to } : { path: to };
}

function dialled(to: number | string): Socket {
  // Half-open, so that nothing but the scenario ends it.
  return connect({ ...target(to), allowHalfOpen: true }).on('error', () => {});
}
