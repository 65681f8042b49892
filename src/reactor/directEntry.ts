import { setImmediate } from 'node:timers';
import { created } from '../fd/advice.ts';
import { readEpollEntries } from '../fd/epollEntry.ts';
import { epollCtlAdvice } from '../fd/epollCtlAdvice.ts';
import { SystemError } from '../fd/systemError.ts';
import {
  close,
  EPOLL_CLOEXEC,
  EPOLL_CTL_ADD,
  EPOLL_CTL_DEL,
  EPOLL_CTL_MOD,
  epoll_create1,
  epoll_ctl,
  epoll_wait,
  EPOLLERR,
  EPOLLET,
  EpollEventBuffer,
  EPOLLHUP,
  EPOLLONESHOT,
  POLLNVAL,
  pollOne,
} from '../sys/index.ts';
import { HostLoop } from './hostLoop.ts';

const single = new EpollEventBuffer(1);
const pollBits = 0xffff;

/**
 * An epoll instance for one descriptor whose poll method uses its event up (see consumedByPoll). The host's loop watches it
 * directly, so that its being ready is the event itself, even when nothing is left inside; a blocking turn asks the
 * descriptor with poll(2).
 *
 * EPOLL_CTL_ADD and EPOLL_CTL_MOD ask too, and would use up in silence what came before them: poll(2) asks first here, and
 * what it says is kept and delivered.
 */
export class DirectEntry {
  readonly #fd: number;
  readonly #epfd: number;
  readonly #consumed: number;
  readonly #loop: HostLoop;
  readonly #onReady: () => void;
  #mask: number;
  #kept = 0;
  #joined = false;
  #closed = false;

  /**
   * @param mask what the descriptor is watched for
   * @param consumed the bits that asking uses up
   * @param onReady called in the host's loop when an event is kept
   * @throws {SystemError} EMFILE, ENFILE, ENOMEM; EPERM, EBADF and the like as epoll_ctl answers
   */
  constructor(fd: number, { mask, consumed, onReady }: { mask: number; consumed: number; onReady: () => void }) {
    this.#fd = fd;
    this.#mask = mask;
    this.#consumed = consumed;
    this.#epfd = created(epoll_create1(EPOLL_CLOEXEC), 'epoll_create1');
    this.#onReady = onReady;
    this.#loop = new HostLoop(this.#epfd, () => this.#found());
    try {
      // Only to have the kernel's word that it can be watched.
      this.#control(EPOLL_CTL_ADD);
      this.#control(EPOLL_CTL_DEL);
      this.#loop.attach();
    } catch (error) {
      this.close();
      throw error;
    }
    this.#loop.keepAlive(false);
    // libuv adds the instance to its own in its next poll phase, and asks it thereby: the descriptor comes in when that is
    // over. Two immediates, as the first can belong to an iteration whose poll phase has begun.
    setImmediate(() => setImmediate(() => this.#join()));
  }

  #join(): void {
    if (this.#closed) return;
    try {
      this.#control(EPOLL_CTL_ADD);
      this.#joined = true;
    } catch {
      // The number was closed without its registration: like any such entry it has left the list.
    }
    this.rearmed();
  }

  // poll(2) first, always: what the kernel would use up is kept.
  #control(op: number): void {
    this.#ask();
    // A one-shot is kept by the reactor: the kernel would not see it fire. Edge-triggered, so that it is quiet meanwhile.
    const events = (this.#mask & EPOLLONESHOT) === 0 ? this.#mask : (this.#mask & ~EPOLLONESHOT) | EPOLLET;
    const call = { epfd: this.#epfd, op, fd: this.#fd, events: events >>> 0 };
    const answer = epoll_ctl(call.epfd, op, call.fd, call.events);
    if (answer < 0) throw new SystemError(answer, 'epoll_ctl', { fd: this.#fd }, epollCtlAdvice(answer, call));
  }

  /** What poll(2) has to be asked for. */
  get pollFd(): { readonly fd: number; readonly events: number; revents: number } {
    return { fd: this.#fd, events: this.#mask & pollBits, revents: 0 };
  }

  // Asks the descriptor, and keeps what it says.
  #ask(): void {
    this.keep(Math.max(0, pollOne(this.#fd, this.#mask & pollBits, 0)));
  }

  /** Changes what is watched for. @throws {SystemError} as the constructor */
  change(mask: number): void {
    const before = this.#mask;
    this.#mask = mask;
    try {
      // Nothing to change for the kernel in the interval before it joins.
      if (this.#joined) this.#control(EPOLL_CTL_MOD);
      else this.#ask();
    } catch (error) {
      this.#mask = before;
      throw error;
    }
  }

  /** Whether an event is kept. */
  get pending(): boolean {
    return this.#kept !== 0;
  }

  /** Keeps an event until `take`. POLLNVAL, poll(2)'s answer for a closed number, is none: epoll is silent there. */
  keep(readiness: number): void {
    this.#kept |= readiness & ~POLLNVAL;
  }

  /** The kept event mask, which is then no longer kept. */
  take(): number {
    const readiness = this.#kept;
    this.#kept = 0;
    return readiness;
  }

  /** Has the host's loop call `onReady` if an event is kept: the registration was armed again. */
  rearmed(): void {
    if (!this.pending) return;
    setImmediate(() => {
      if (!this.#closed && this.pending) this.#onReady();
    });
  }

  // The host's loop has found the instance ready. Where nothing is left inside, its question has used the event up.
  #found(): boolean {
    const left = epoll_wait(this.#epfd, single, 1, 0) === 1 ? single.events(0) : 0;
    this.keep(left === 0 ? this.#consumed & (this.#mask | EPOLLERR | EPOLLHUP) : left);
    this.#onReady();
    return false;
  }

  /** The mask that the kernel has in force; null before the descriptor has joined. */
  kernelEvents(): number | null {
    return readEpollEntries(this.#epfd)[0]?.events ?? null;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#loop.detach();
    close(this.#epfd);
  }
}
