// `epoll-ts/net`: non-blocking sockets on a reactor.
export type { ByteStream, Direction } from './byteStream.ts';
export type { ConnectionContext, ConnectionHandler, ServeCounts } from './connections.ts';
export type { HeldStream, StreamSetInterest } from './heldStream.ts';
export type { HostPort, InetAddress } from './inetAddress.ts';
export type { OperationOptions } from './inTime.ts';
export type { Listener, ListenerOptions } from './listener.ts';
export { serve, type ServeBase, type ServeOptions, type ServeWorkersOptions } from './serve.ts';
export type { Socket, SocketHandler, SocketOptions } from './socket.ts';
export { StreamSet } from './streamSet.ts';
export { type TcpAttachOptions, TcpListener, type TcpListenOptions } from './tcpListener.ts';
export { type KeepAlive, type TcpConnectOptions, TcpStream } from './tcpStream.ts';
export { threadReactor } from './threadReactor.ts';
