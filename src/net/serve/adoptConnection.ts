import { AF_INET, AF_INET6, AF_UNIX, SO_DOMAIN, SOL_SOCKET } from '../../sys/index.ts';
import type { ByteStream } from '../stream/byteStream.ts';
import { remoteName } from '../address/inetAddress.ts';
import { socketType } from '../core/madeSocket.ts';
import { intOption } from '../core/socketOption.ts';
import { TcpStream } from '../tcp/tcpStream.ts';
import { unixPath, unixTypeOf } from '../address/unixAddress.ts';
import { UnixStream } from '../unix/unixStream.ts';

const domainOption = { level: SOL_SOCKET, option: SO_DOMAIN, name: 'SO_DOMAIN' };

/**
 * An object, of the class for its family, that owns a connection which another thread had as one.
 *
 * @throws {TypeError | SystemError}
 */
export function adoptConnection(fd: number): ByteStream {
  const domain = intOption(fd, domainOption);
  switch (domain) {
    case AF_INET:
    case AF_INET6:
      return new TcpStream(fd, undefined);
    case AF_UNIX:
      return new UnixStream(fd, unixTypeOf(socketType(fd)), unixPath(remoteName(fd)));
    default:
      throw new TypeError(
        `Cannot use fd ${fd} as a stream as its family must be IP or unix: current family is ${domain}`,
      );
  }
}
