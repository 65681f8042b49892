import { type FdLike, fdToTakeOver } from '../../fd/fdLike.ts';
import { AF_INET, AF_INET6, SOCK_DGRAM } from '../../sys/index.ts';
import { type InetAddress, inetAddress, localName, remoteName } from '../address/inetAddress.ts';
import { optionsReader } from '../../sys/optionsReader.ts';
import { socketKinds } from '../core/optionKinds.ts';
import { adopted, given } from '../core/madeSocket.ts';
import type { SocketOptions } from '../core/socket.ts';

const readAttachOptions = optionsReader<SocketOptions>('use a UDP socket', '{ reactor }', socketKinds);

const kinds = [
  [AF_INET, SOCK_DGRAM],
  [AF_INET6, SOCK_DGRAM],
] as const;

/** What `UdpSocket.attach` hands to the constructor: a socket that has got a new owner. */
export class AttachedUdp {
  readonly fd: number;
  readonly family: 4 | 6;
  readonly remote: InetAddress | null;
  readonly own: SocketOptions;

  /** @throws as `UdpSocket.attach` */
  constructor(target: FdLike, options: SocketOptions | undefined) {
    this.own = readAttachOptions(options);
    const fd = adopted(fdToTakeOver(target), 'UdpSocket', kinds);
    this.remote = inetAddress(remoteName(fd));
    this.family = localName(fd)?.family === AF_INET6 ? 6 : 4;
    this.fd = given(target, fd);
  }
}
