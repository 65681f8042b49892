import { creationAdvice } from '../../fd/advice.ts';
import type { FdLike } from '../../fd/fdLike.ts';
import { isOwnedFd } from '../../fd/ownedFd.ts';
import { check, SystemError } from '../../fd/systemError.ts';
import {
  close,
  EAFNOSUPPORT,
  EBADF,
  ENOTSOCK,
  F_GETFD,
  F_GETFL,
  F_SETFD,
  F_SETFL,
  fcntl,
  FD_CLOEXEC,
  O_NONBLOCK,
  SO_DOMAIN,
  SO_TYPE,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  socket,
  SOL_SOCKET,
} from '../../sys/index.ts';
import { intOption } from './socketOption.ts';

const domainOption = { level: SOL_SOCKET, option: SO_DOMAIN, name: 'SO_DOMAIN' };
const typeOption = { level: SOL_SOCKET, option: SO_TYPE, name: 'SO_TYPE' };

/** A new socket, close-on-exec and non-blocking. @throws {SystemError} EMFILE, ENFILE, EAFNOSUPPORT, EACCES, ENOBUFS */
export function newSocket(domain: number, type: number): number {
  const answer = socket(domain, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (answer >= 0) return answer;
  const advice = answer === -EAFNOSUPPORT ? 'this kernel does not have the address family' : creationAdvice(answer);
  throw new SystemError(answer, 'socket', {}, advice);
}

/** Makes an object around a descriptor that is closed again where that fails. */
export function around<T>(fd: number, make: (fd: number) => T): T {
  try {
    return make(fd);
  } catch (error) {
    close(fd);
    throw error;
  }
}

/**
 * Checks that a descriptor is a socket of one of these families and types.
 *
 * @throws {TypeError} when it is another kind of file or socket
 * @throws {SystemError} EBADF
 */
export function ofKind(
  fd: number,
  kind: string,
  accepted: readonly (readonly [domain: number, type: number])[],
): number {
  const found = socketKind(fd);
  if (found === undefined || !accepted.some(([domain, type]) => domain === found[0] && type === found[1])) {
    const what = found === undefined ? 'no socket' : `a socket of family ${found[0]} and type ${found[1]}`;
    throw new TypeError(`Cannot use fd ${fd} as a ${kind} as it must be one: current file is ${what}`);
  }
  return fd;
}

/** As `ofKind`, and makes it close-on-exec and non-blocking. */
export function adopted(
  fd: number,
  kind: string,
  accepted: readonly (readonly [domain: number, type: number])[],
): number {
  ofKind(fd, kind, accepted);
  const status = check(fcntl(fd, F_GETFL), 'fcntl', { fd });
  if ((status & O_NONBLOCK) === 0) check(fcntl(fd, F_SETFL, status | O_NONBLOCK), 'fcntl', { fd });
  const flags = check(fcntl(fd, F_GETFD), 'fcntl', { fd });
  if ((flags & FD_CLOEXEC) === 0) check(fcntl(fd, F_SETFD, flags | FD_CLOEXEC), 'fcntl', { fd });
  return fd;
}

/**
 * The number of a descriptor that gets a new owner: an object that owns it, and has `detach`, gives it away. To be
 * called last: what throws after it leaves the descriptor open, without an owner.
 *
 * @param fd what `fdOf` said: another object's `fd` is not asked again, as it may be another number by now
 */
export function given(target: FdLike, fd: number): number {
  return ownsAndGives(target) ? target.detach() : fd;
}

function ownsAndGives(target: FdLike): target is FdLike & { detach(): number } {
  return isOwnedFd(target) && 'detach' in target && typeof target.detach === 'function';
}

/** SO_TYPE: SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET. @throws {SystemError} EBADF, ENOTSOCK */
export function socketType(fd: number): number {
  return intOption(fd, typeOption);
}

/** The family and type of a socket; undefined for another file. @throws {SystemError} EBADF */
export function socketKind(fd: number): readonly [number, number] | undefined {
  try {
    return [intOption(fd, domainOption), intOption(fd, typeOption)];
  } catch (error) {
    if (error instanceof SystemError && error.errno === -ENOTSOCK) return undefined;
    if (error instanceof SystemError && error.errno === -EBADF) {
      throw new SystemError(-EBADF, 'getsockopt', { fd }, 'no file is open under this number');
    }
    throw error;
  }
}
