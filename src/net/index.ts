// `epoll-ts/net`: non-blocking sockets on a reactor.
export type { ByteStream, Direction } from './byteStream.ts';
export { type FdReadable, fdReadable } from './fdReadable.ts';
export type { FdStreamOptions } from './fdStreamOptions.ts';
export { type FdWritable, fdWritable } from './fdWritable.ts';
export { type DuplexOptions, SocketDuplex } from './socketDuplex.ts';
export type { HostPort, InetAddress } from './inetAddress.ts';
export type { OperationOptions } from './inTime.ts';
export type { Listener, ListenerOptions } from './listener.ts';
export type { Socket, SocketHandler, SocketOptions } from './socket.ts';
export { TcpListener, type TcpListenOptions } from './tcpListener.ts';
export { type KeepAlive, type TcpConnectOptions, TcpStream } from './tcpStream.ts';
export { threadReactor } from './threadReactor.ts';
