import { constants, lstatSync, type Stats, unlinkSync } from 'node:fs';
import { created } from '../../fd/advice.ts';
import { SystemError } from '../../fd/systemError.ts';
import {
  AF_UNIX,
  close,
  connect,
  EACCES,
  EAGAIN,
  EADDRINUSE,
  ECONNREFUSED,
  EINTR,
  flock,
  LOCK_EX,
  LOCK_NB,
  O_CLOEXEC,
  O_RDONLY,
  open,
  SOCK_DGRAM,
} from '../../sys/index.ts';
import { type UnixPath, unixSockaddr, unixSubject } from '../address/unixAddress.ts';
import { newSocket } from '../core/madeSocket.ts';

// Whoever has the lock makes a handful of calls, and nothing in between; one that was stopped by a signal is not waited
// for.
const lockTries = 200;
const pauseMs = 1;
const nobody = new Int32Array(new SharedArrayBuffer(4));

/**
 * Removes a socket file that no socket is bound to, and binds anew, while this process has the lock of the folder
 * (flock(2)): between the look and the removal no other program that does the same can put a live socket there. The
 * name of a file that exists can't be bound, so all others would have to remove it first.
 *
 * @param bindAgain answers what bind(2) does
 * @returns what `bindAgain` answered; -EADDRINUSE where the file is in use, or no socket
 * @throws {SystemError} EACCES and the like of open(2) and flock(2), with the folder
 */
export function bindOverStale(path: UnixPath, bindAgain: () => number): number {
  const folder = folderOf(path);
  const lock = lockFolder(folder);
  try {
    return lock >= 0 && removeStale(path) ? bindAgain() : -EADDRINUSE;
  } finally {
    if (lock >= 0) close(lock);
  }
}

/** Whether no socket is bound to a socket file. @throws {SystemError} EMFILE, ENFILE, … */
export function nobodyIsBound(path: UnixPath): boolean {
  // A datagram socket's connect tells without a trace at a listener: ECONNREFUSED where no socket is bound to the file,
  // EPROTOTYPE where one of another type is, listening or not (Linux 6.18, unix_find_bsd).
  const probe = newSocket(AF_UNIX, SOCK_DGRAM);
  try {
    return connect(probe, unixSockaddr(path)) === -ECONNREFUSED;
  } finally {
    close(probe);
  }
}

/**
 * Removes a file, which someone else may have removed meanwhile.
 *
 * @throws Node's error EACCES, EPERM, EROFS of unlink(2)
 */
export function removeFile(path: string | Buffer): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

/** Whether both are one file. */
export function sameFile(one: Stats, other: Stats): boolean {
  return one.ino === other.ino && one.dev === other.dev;
}

/** A path as `node:fs` takes it. */
export function fileOf(path: UnixPath): string | Buffer {
  return typeof path === 'string' ? path : Buffer.from(path);
}

function folderOf(path: UnixPath): Buffer {
  const name = Buffer.from(fileOf(path));
  const end = name.lastIndexOf('/');
  return end < 0 ? Buffer.from('.') : name.subarray(0, Math.max(end, 1));
}

// The descriptor that has the lock, or -EAGAIN where someone else has it for long.
function lockFolder(folder: Buffer): number {
  const flags = O_RDONLY | constants.O_DIRECTORY | O_CLOEXEC;
  const subject = unixSubject(folder);
  const opened = open(folder, flags);
  if (opened === -EACCES) {
    const advice = 'to replace a stale socket file its directory must be readable: remove the file yourself';
    throw new SystemError(opened, 'open', subject, advice);
  }
  const fd = created(opened, 'open');
  for (let tries = 0; ; tries++) {
    const answer = flock(fd, LOCK_EX | LOCK_NB);
    if (answer >= 0) return fd;
    if (answer === -EINTR) continue;
    if (answer !== -EAGAIN || tries === lockTries) {
      close(fd);
      if (answer === -EAGAIN) return answer;
      throw new SystemError(answer, 'flock', subject, 'its file system has no locks: remove the stale file yourself');
    }
    Atomics.wait(nobody, 0, 0, pauseMs);
  }
}

function removeStale(path: UnixPath): boolean {
  const file = fileOf(path);
  const before = lstatSync(file, { throwIfNoEntry: false });
  if (before === undefined) return true;
  if (!before.isSocket() || !nobodyIsBound(path)) return false;
  // What knows of no lock may have exchanged it.
  const now = lstatSync(file, { throwIfNoEntry: false });
  if (now !== undefined && !sameFile(now, before)) return false;
  if (now !== undefined) removeFile(file);
  return true;
}
