import { type FdLike, fdOf, fdToTakeOver } from '../../fd/fdLike.ts';
import { AF_INET, AF_INET6, SO_ACCEPTCONN, SOCK_STREAM, SOL_SOCKET } from '../../sys/index.ts';
import { adopted, given, ofKind } from '../core/madeSocket.ts';
import { booleanOption } from '../core/socketOption.ts';
import type { TcpAttachOptions } from './listenTcp.ts';

const acceptsConnections = { level: SOL_SOCKET, option: SO_ACCEPTCONN, name: 'SO_ACCEPTCONN' };

/** The families and types that a TCP stream or listener may have. */
export const tcpKinds: readonly (readonly [domain: number, type: number])[] = [
  [AF_INET, SOCK_STREAM],
  [AF_INET6, SOCK_STREAM],
];

/** A socket that listens already: what `TcpListener.attach` and `from` hand to the constructor. */
export class AttachedTcp {
  readonly fd: number;
  readonly owned: boolean;
  readonly own: TcpAttachOptions;

  private constructor(fd: number, owned: boolean, own: TcpAttachOptions) {
    this.fd = fd;
    this.owned = owned;
    this.own = own;
  }

  /** @throws as `TcpListener.attach` */
  static taken(target: FdLike, own: TcpAttachOptions): AttachedTcp {
    const fd = listening(adopted(fdToTakeOver(target), 'TcpListener', tcpKinds));
    return new AttachedTcp(given(target, fd), true, own);
  }

  /** @throws as `TcpListener.from` */
  static borrowed(target: FdLike, own: TcpAttachOptions): AttachedTcp {
    // Its flags are its owner's.
    return new AttachedTcp(listening(ofKind(fdOf(target, 'target'), 'TcpListener', tcpKinds)), false, own);
  }
}

function listening(fd: number): number {
  if (booleanOption(fd, acceptsConnections)) return fd;
  throw new TypeError(`Cannot use fd ${fd} as a TcpListener as it must be listening: call listen(2) first`);
}
