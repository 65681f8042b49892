import { AF_INET, AF_INET6, SO_DOMAIN, SOL_SOCKET } from '../sys/index.ts';
import type { ByteStream } from './byteStream.ts';
import { intOption } from './socketOption.ts';
import { TcpStream } from './tcpStream.ts';

const domainOption = { level: SOL_SOCKET, option: SO_DOMAIN, name: 'SO_DOMAIN' };

/** An object, of the class for its family, that owns a connection which another thread had as one. @throws {TypeError | SystemError} */
export function connectedStream(fd: number): ByteStream {
  const domain = intOption(fd, domainOption);
  if (domain === AF_INET || domain === AF_INET6) return new TcpStream(fd, undefined);
  throw new TypeError(`Cannot use fd ${fd} as a stream as its family must be an IP one: current family is ${domain}`);
}
