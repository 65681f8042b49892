// `epoll-ts/net`: non-blocking sockets on a reactor.
export type { ByteStream, Direction } from './byteStream.ts';
export type { HostPort, InetAddress } from './inetAddress.ts';
export type { OperationOptions } from './inTime.ts';
export type { Listener, ListenerOptions } from './listener.ts';
export type { Multicast } from './multicast.ts';
export { ReceivedFd } from './receivedFd.ts';
export type { Socket, SocketHandler, SocketOptions } from './socket.ts';
export { TcpListener, type TcpListenOptions } from './tcpListener.ts';
export { type KeepAlive, type TcpConnectOptions, TcpStream } from './tcpStream.ts';
export { threadReactor } from './threadReactor.ts';
export type { UdpBindOptions } from './udpBind.ts';
export { type Datagram, type ReceivedDatagram, type UdpAddress, type UdpPeer, UdpSocket } from './udpSocket.ts';
export type { UnixType } from './unixAddress.ts';
export type { SocketFileOptions } from './socketFile.ts';
export { UnixListener, type UnixListenOptions } from './unixListener.ts';
export { type PeerCredentials, type ReceivedFds, type UnixConnectOptions, UnixStream } from './unixStream.ts';
