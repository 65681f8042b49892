import { fstatSync } from 'node:fs';
import { created } from '../../fd/advice.ts';
import { epollCtlAdvice } from '../../fd/epollCtlAdvice.ts';
import { type EpollEntry, type ListedEntry, parseEpollFdinfo, readEpollEntries } from '../../fd/epollEntry.ts';
import { readProcText } from '../../fd/procText.ts';
import { SystemError } from '../../fd/systemError.ts';
import { epollCtlHalves } from '../../sys/epoll.ts';
import {
  close,
  EBADF,
  EEXIST,
  ENOENT,
  EPOLL_CLOEXEC,
  EPOLL_CTL_ADD,
  EPOLL_CTL_DEL,
  EPOLL_CTL_MOD,
  epoll_create1,
  EPOLLIN,
  EPOLLONESHOT,
  EPOLLOUT,
  EPOLLRDHUP,
} from '../../sys/index.ts';
import { StopSocket } from './stopSocket.ts';

/** The high half of the data of the socket that stops the set; streams have their tag there. */
export const stopTag = 0xffff_ffff;

/** The interest list of a `StreamSet`, which several threads use by its number, and the socket that stops it. */
export class SharedList {
  readonly fd: number;
  readonly stop: StopSocket;
  /** Whether it was made here: then it is closed here. */
  readonly own: boolean;

  private constructor(fd: number, stop: StopSocket, own: boolean) {
    this.fd = fd;
    this.stop = stop;
    this.own = own;
  }

  /** @throws {SystemError} EMFILE, ENFILE, ENOMEM, ENOBUFS, ENOSPC; nothing is left open */
  static make(): SharedList {
    const fd = created(epoll_create1(EPOLL_CLOEXEC), 'epoll_create1');
    let stop: StopSocket | undefined;
    try {
      stop = new StopSocket();
      const made = new SharedList(fd, stop, true);
      // Level-triggered and never read: each thread that waits, now or later, is told.
      made.arm(EPOLL_CTL_ADD, stop.fd, EPOLLIN, stopTag);
      return made;
    } catch (error) {
      stop?.close();
      close(fd);
      throw error;
    }
  }

  /** The list that another thread has made. @throws {TypeError} when it is none. @throws {SystemError} EBADF */
  static borrow(fd: number): SharedList {
    const stop = listed(fd).find(isStop);
    if (stop === undefined || !StopSocket.accepts(stop.fd))
      throw new TypeError(`Cannot use fd ${fd} as a StreamSet as it must be one`);
    return new SharedList(fd, new StopSocket(stop.fd), false);
  }

  /** Whether the number still is this list, which its maker closes. */
  get there(): boolean {
    return this.own || this.stop.open;
  }

  /**
   * The number, for a call. That of a list that its maker has closed may be another file's, and another epoll
   * instance's: waiting there would take its events, or never end.
   *
   * @throws {SystemError} EBADF
   */
  open(): number {
    if (this.there) return this.fd;
    const advice = 'the set was closed by the thread that made it: call close() there when the others have ended';
    throw new SystemError(-EBADF, 'epoll_wait', { fd: this.fd }, advice);
  }

  /** How many streams are in it, those that are held among them. @throws {SystemError} EBADF */
  get size(): number {
    return listed(this.open()).length - 1;
  }

  /** Adds a stream, or arms it again. @throws {SystemError} EBADF, ENOMEM, ENOSPC */
  arm(op: number, fd: number, events: number, tag: number): void {
    const epfd = this.open();
    let answer = epollCtlHalves(epfd, op, fd, events, fd, tag);
    // A stream that was held, and was taken away from the set or came back to it some other way.
    if (answer === -EEXIST) answer = epollCtlHalves(epfd, EPOLL_CTL_MOD, fd, events, fd, tag);
    if (answer === -ENOENT) answer = epollCtlHalves(epfd, EPOLL_CTL_ADD, fd, events, fd, tag);
    if (answer < 0)
      throw new SystemError(answer, 'epoll_ctl', { fd }, epollCtlAdvice(answer, { epfd, op, fd, events }));
  }

  /**
   * Arms for the events that were reported, where nothing could be made of the number: nobody else may have a file
   * there.
   */
  armAgain(fd: number, reported: number, tag: number): void {
    const events = (reported & (EPOLLIN | EPOLLRDHUP | EPOLLOUT)) | EPOLLONESHOT;
    epollCtlHalves(this.fd, EPOLL_CTL_MOD, fd, events, fd, tag);
  }

  /** Takes a stream out. It may be in no list any more, as someone else has closed the number. */
  drop(fd: number): void {
    if (this.there) epollCtlHalves(this.fd, EPOLL_CTL_DEL, fd, 0, 0, 0);
  }

  /** The streams in it whose numbers still are theirs: another number may be another file's by now. */
  streams(): EpollEntry[] {
    return readEpollEntries(this.fd).filter((entry) => !isStop(entry) && isThere(entry));
  }

  /**
   * The object of the set was garbage-collected: closes all but the list itself. A stream that somebody holds is left:
   * it is its holder's, who may be another thread, and has an object that closes it.
   */
  closeRest(): void {
    for (const { fd, armed } of this.streams()) if (armed) close(fd);
    this.stop.close();
  }
}

function isStop({ data }: ListedEntry): boolean {
  return Number(data >> 32n) === stopTag;
}

// Where kcmp(2) is forbidden the inode tells: no two sockets have one at the same time.
function isThere({ fd, ghost, ino }: EpollEntry): boolean {
  if (ghost !== null || ino === null) return ghost !== true;
  try {
    return fstatSync(fd, { bigint: true }).ino === ino;
  } catch {
    return false; // closed
  }
}

function listed(epfd: number): ListedEntry[] {
  try {
    return parseEpollFdinfo(readProcText(`/proc/self/fdinfo/${epfd}`));
  } catch (error) {
    if (!(error instanceof SystemError) || error.errno !== -ENOENT) throw error;
    throw new SystemError(-EBADF, 'open', { fd: epfd }, 'no file is open under this number');
  }
}
