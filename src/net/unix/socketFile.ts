import { chmodSync, constants, fchmodSync, fstatSync, lstatSync, type Stats } from 'node:fs';
import { resolve } from 'node:path';
import { created } from '../../fd/advice.ts';
import { SystemError } from '../../fd/systemError.ts';
import {
  bind,
  close,
  EACCES,
  EADDRINUSE,
  ELOOP,
  ENOENT,
  ENOTDIR,
  EROFS,
  O_CLOEXEC,
  O_PATH,
  open,
} from '../../sys/index.ts';
import { isAbstract, type UnixPath, unixSockaddr, unixSubject } from '../address/unixAddress.ts';
import { bindOverStale, fileOf, nobodyIsBound, removeFile, sameFile } from './staleSocketFile.ts';

/** How a unix socket gets its name. */
export interface SocketFileOptions {
  /** The permissions of the file, such as 0o600; 0o777 less the umask by default. */
  readonly mode?: number;
  /**
   * Replace a socket file that no socket is bound to any more, left over from a program that has ended; false by
   * default. Programs that start at the same time take turns: the folder is locked (flock(2)) while the file is looked
   * at and replaced.
   */
  readonly replaceStale?: boolean;
}

/** The name that a unix socket was bound to: the file, if it is one, is removed by who made it. */
export class SocketFile {
  readonly #path: string | Buffer;
  readonly #made: Stats | undefined;

  private constructor(path: string | Buffer, made: Stats | undefined) {
    this.#path = path;
    this.#made = made;
  }

  /**
   * Binds a unix socket.
   *
   * @throws {SystemError} EADDRINUSE, EACCES, ENOENT, ENOTDIR, EROFS, … with the path, and what can be done
   */
  static bind(fd: number, path: UnixPath, { mode, replaceStale = false }: SocketFileOptions): SocketFile {
    const address = unixSockaddr(path);
    // bind(2) gives the file the mode of the socket, less the umask: so it never has more than was asked for.
    if (mode !== undefined) fchmodSync(fd, mode);
    let answer = bind(fd, address);
    if (answer === -EADDRINUSE && replaceStale && !isAbstract(path)) {
      answer = bindOverStale(path, () => bind(fd, address));
    }
    if (answer < 0) throw new SystemError(answer, 'bind', { fd, ...unixSubject(path) }, advice(answer, path));
    return isAbstract(path) ? new SocketFile('', undefined) : SocketFile.#settled(absoluteOf(path), path, mode);
  }

  static #settled(file: string | Buffer, path: UnixPath, mode: number | undefined): SocketFile {
    let made: Stats | undefined;
    try {
      made = lstatSync(file);
      if (mode !== undefined && (made.mode & 0o7777) !== mode) changeMode(path, made, mode);
      return new SocketFile(file, made);
    } catch (error) {
      // It would be in the way of the next try.
      try {
        if (made === undefined) removeFile(file);
        else new SocketFile(file, made).remove();
      } catch {
        // What failed first is told.
      }
      throw error;
    }
  }

  /**
   * Removes the file, and not one that someone else put in its place. To be called while the socket is open: it holds
   * on to the inode, whose number can't be given to another file until then.
   *
   * @throws Node's error EACCES, EPERM, EROFS of unlink(2)
   */
  remove(): void {
    if (this.#made === undefined) return;
    const now = lstatSync(this.#path, { throwIfNoEntry: false });
    if (now !== undefined && sameFile(now, this.#made)) removeFile(this.#path);
  }
}

// The umask took something away. chmod(2) of the path would change whatever the path means by then, and follow a link:
// who may write to the directory could have it change another file of this user's.
function changeMode(path: UnixPath, made: Stats, mode: number): void {
  const subject = unixSubject(path);
  const fd = created(open(fileOf(path), O_PATH | constants.O_NOFOLLOW | O_CLOEXEC), 'open');
  try {
    const found = fstatSync(fd);
    if (!found.isSocket() || !sameFile(found, made)) {
      throw new SystemError(-ENOENT, 'chmod', subject, 'someone has exchanged the file since it was made');
    }
    // The file itself, which O_PATH holds: fchmod(2) does not take such a descriptor.
    chmodSync(`/proc/self/fd/${fd}`, mode);
  } finally {
    close(fd);
  }
}

// The directory that a relative path means can be another one when the file is removed.
function absoluteOf(path: UnixPath): string | Buffer {
  if (typeof path === 'string') return resolve(path);
  const file = Buffer.from(path);
  return file[0] === 0x2f ? file : Buffer.concat([Buffer.from(`${process.cwd()}/`), file]);
}

function advice(answer: number, path: UnixPath): string {
  switch (-answer) {
    case EADDRINUSE:
      return inUseAdvice(path);
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

function inUseAdvice(path: UnixPath): string {
  if (isAbstract(path)) return 'another socket has this name: choose another one';
  const found = lstatSync(fileOf(path), { throwIfNoEntry: false });
  if (found === undefined) return 'it was there a moment ago: try again';
  if (!found.isSocket()) return 'it exists and is no socket: choose another path';
  return isStale(path)
    ? 'it is left over from a program that has ended: remove it, or give replaceStale'
    : 'another socket has this path: choose another one';
}

// What can't be found out, as no descriptor is left for it, is not what failed.
function isStale(path: UnixPath): boolean {
  try {
    return nobodyIsBound(path);
  } catch (error) {
    if (error instanceof SystemError) return false;
    throw error;
  }
}
