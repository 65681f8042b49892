import { chmodSync, fchmodSync, lstatSync, type Stats, unlinkSync } from 'node:fs';
import { resolve } from 'node:path';
import { SystemError } from '../../fd/systemError.ts';
import {
  AF_UNIX,
  bind,
  close,
  connect,
  EACCES,
  EADDRINUSE,
  ECONNREFUSED,
  ELOOP,
  ENOENT,
  ENOTDIR,
  EROFS,
  SOCK_DGRAM,
} from '../../sys/index.ts';
import { newSocket } from '../core/madeSocket.ts';
import { isAbstract, unixSockaddr, unixSubject } from '../address/unixAddress.ts';

/** How a unix socket gets its name. */
export interface SocketFileOptions {
  /** The permissions of the file, such as 0o600; 0o777 less the umask by default. */
  readonly mode?: number;
  /** Remove a socket file that no socket is bound to any more, left over from a program that has ended; false by default. */
  readonly replaceStale?: boolean;
}

/** The name that a unix socket was bound to: the file, if it is one, is removed by who made it. */
export class SocketFile {
  readonly #path: string;
  readonly #made: Stats | undefined;

  private constructor(path: string, made: Stats | undefined) {
    this.#path = path;
    this.#made = made;
  }

  /**
   * Binds a unix socket.
   *
   * @throws {SystemError} EADDRINUSE, EACCES, ENOENT, ENOTDIR, EROFS, … with the path, and what can be done
   */
  static bind(fd: number, path: string, { mode, replaceStale = false }: SocketFileOptions): SocketFile {
    const address = unixSockaddr(path);
    // bind(2) gives the file the mode of the socket, less the umask: so it never has more than was asked for.
    if (mode !== undefined) fchmodSync(fd, mode);
    let answer = bind(fd, address);
    if (answer === -EADDRINUSE && replaceStale && !isAbstract(path) && removeStale(path, address))
      answer = bind(fd, address);
    if (answer < 0) throw new SystemError(answer, 'bind', { fd, ...unixSubject(path) }, advice(answer, path, address));
    if (isAbstract(path)) return new SocketFile(path, undefined);
    // The directory that a relative path means can be another one when the file is removed.
    const absolute = resolve(path);
    try {
      const made = lstatSync(absolute);
      if (mode !== undefined && (made.mode & 0o7777) !== mode) chmodSync(absolute, mode);
      return new SocketFile(absolute, made);
    } catch (error) {
      // It would be in the way of the next try.
      try {
        remove(absolute);
      } catch {
        // What failed first is told.
      }
      throw error;
    }
  }

  /**
   * Removes the file, and not one that someone else put in its place. To be called while the socket is open: it holds on to
   * the inode, whose number can't be given to another file until then.
   *
   * @throws Node's error EACCES, EPERM, EROFS of unlink(2)
   */
  remove(): void {
    const now = this.#made === undefined ? undefined : lstatSync(this.#path, { throwIfNoEntry: false });
    if (now !== undefined && same(now, this.#made)) remove(this.#path);
  }
}

// Someone else may have removed it meanwhile.
function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

function same(one: Stats, other: Stats | undefined): boolean {
  return one.ino === other?.ino && one.dev === other.dev;
}

function removeStale(path: string, address: Uint8Array): boolean {
  const before = lstatSync(path, { throwIfNoEntry: false });
  if (before === undefined) return true;
  if (!before.isSocket() || !nobodyIsBound(address)) return false;
  const now = lstatSync(path, { throwIfNoEntry: false });
  if (now === undefined) return true;
  if (!same(now, before)) return false;
  remove(path);
  return true;
}

// A datagram socket's connect tells without a trace at a listener: ECONNREFUSED where no socket is bound to the file, EPROTOTYPE
// where one of another type is, listening or not (Linux 6.18, unix_find_bsd).
function nobodyIsBound(address: Uint8Array): boolean {
  const probe = newSocket(AF_UNIX, SOCK_DGRAM);
  const answer = connect(probe, address);
  close(probe);
  return answer === -ECONNREFUSED;
}

// What can't be found out, as no descriptor is left for it, is not what failed.
function isStale(address: Uint8Array): boolean {
  try {
    return nobodyIsBound(address);
  } catch (error) {
    if (error instanceof SystemError) return false;
    throw error;
  }
}

function advice(answer: number, path: string, address: Uint8Array): string {
  switch (-answer) {
    case EADDRINUSE:
      return inUseAdvice(path, address);
    case ENOENT:
    case ENOTDIR:
    case ELOOP:
      return 'its directory does not exist: make it first';
    case EACCES:
      return 'its directory is not writable for this user';
    case EROFS:
      return 'its file system is read-only';
    default:
      return '';
  }
}

function inUseAdvice(path: string, address: Uint8Array): string {
  if (isAbstract(path)) return 'another socket has this name: choose another one';
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return 'it was there a moment ago: try again';
  if (!found.isSocket()) return 'it exists and is no socket: choose another path';
  return isStale(address)
    ? 'it is left over from a program that has ended: remove it, or give replaceStale'
    : 'another socket has this path: choose another one';
}
