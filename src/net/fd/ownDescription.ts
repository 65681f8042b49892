import { fstatSync } from 'node:fs';
import { isatty } from 'node:tty';
import { check, SystemError } from '../../fd/systemError.ts';
import {
  EBADF,
  F_DUPFD_CLOEXEC,
  F_GETFL,
  fcntl,
  O_CLOEXEC,
  O_NOCTTY,
  O_NONBLOCK,
  O_PATH,
  O_RDONLY,
  O_RDWR,
  O_WRONLY,
  open,
  SOCK_SEQPACKET,
  SOCK_STREAM,
} from '../../sys/index.ts';
import { socketType } from '../core/madeSocket.ts';

/**
 * A kind of file, as far as reading and writing it without waiting goes. Of the sockets a `'stream'` carries bytes;
 * `'messages'` come over a connection, and `'datagrams'` without one.
 */
export type FileKind = 'stream' | 'messages' | 'datagrams' | 'fifo' | 'tty' | 'other';

/** A descriptor of our own for a file that someone else has open. */
export interface OwnDescription {
  readonly fd: number;
  readonly kind: FileKind;
  /** Whether the file was opened once more, with O_NONBLOCK; false: it is a duplicate. */
  readonly own: boolean;
}

/** Whether the file is a socket: recv(2) and send(2) have MSG_DONTWAIT. */
export function isSocket(kind: FileKind): boolean {
  return kind === 'stream' || kind === 'messages' || kind === 'datagrams';
}

const socketKinds: ReadonlyMap<number, FileKind> = new Map([
  [SOCK_STREAM, 'stream'],
  [SOCK_SEQPACKET, 'messages'],
]);
const accessMode = O_RDONLY | O_WRONLY | O_RDWR;

/**
 * O_NONBLOCK belongs to the open file description, which other processes share: a shell whose stdin becomes
 * non-blocking fails. So what can be opened once more without another meaning, a FIFO, a pipe or a terminal, is;
 * anything else is duplicated.
 *
 * @throws {TypeError} when it is not open for this direction
 * @throws {SystemError} EBADF, EMFILE, ENFILE
 */
export function ownDescription(fd: number, direction: 'read' | 'write'): OwnDescription {
  const status = check(fcntl(fd, F_GETFL), 'fcntl', { fd }, 'no file is open under this number');
  const mode = direction === 'read' ? O_RDONLY : O_WRONLY;
  if ((status & O_PATH) !== 0 || ((status & accessMode) !== O_RDWR && (status & accessMode) !== mode)) {
    throw new TypeError(
      `Cannot ${direction} fd ${fd} as it must be open for that: current flags are 0o${status.toString(8)}`,
    );
  }
  const { kind, reopens } = kindOf(fd);
  if (reopens) {
    // A pipe in packet mode (O_DIRECT) loses that when it is opened once more, and the flag's number differs from CPU
    // to CPU.
    const known = accessMode | O_NONBLOCK;
    const again =
      kind === 'fifo' && direction === 'write' && (status & ~known & 0xfffff) !== 0
        ? -EBADF
        : open(`/proc/self/fd/${fd}`, mode | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (again >= 0) return { fd: again, kind, own: true };
  }
  const copy = check(fcntl(fd, F_DUPFD_CLOEXEC, 3), 'fcntl', { fd });
  return { fd: copy, kind, own: false };
}

function kindOf(fd: number): { kind: FileKind; reopens: boolean } {
  const file = statOf(fd);
  if (file.isSocket()) return { kind: socketKinds.get(socketType(fd)) ?? 'datagrams', reopens: false };
  if (file.isFIFO()) return { kind: 'fifo', reopens: true };
  if (!file.isCharacterDevice() || !isatty(fd)) return { kind: 'other', reopens: false };
  // Opening a pty's master, /dev/ptmx (5:2) or a BSD one (major 2), makes another pty.
  const device = Number(file.rdev);
  const [major, minor] = [(device >>> 8) & 0xfff, device & 0xff];
  return { kind: 'tty', reopens: major !== 2 && !(major === 5 && minor === 2) };
}

function statOf(fd: number): ReturnType<typeof fstatSync> {
  try {
    return fstatSync(fd);
  } catch (error) {
    const errno = (error as NodeJS.ErrnoException).errno ?? -EBADF;
    throw new SystemError(errno, 'fstat', { fd }, errno === -EBADF ? 'no file is open under this number' : '');
  }
}
