import { setImmediate } from 'node:timers';
import { created } from '../../fd/advice.ts';
import { readEpollEntries } from '../../fd/epollEntry.ts';
import { epollCtlAdvice } from '../../fd/epollCtlAdvice.ts';
import { SystemError } from '../../fd/systemError.ts';
import {
  close,
  EPOLL_CLOEXEC,
  EPOLL_CTL_ADD,
  EPOLL_CTL_DEL,
  epoll_create1,
  epoll_ctl,
  epoll_wait,
  EPOLLERR,
  EPOLLET,
  EpollEventBuffer,
  EPOLLHUP,
  EPOLLONESHOT,
  EPOLLPRI,
  POLLNVAL,
  pollOne,
} from '../../sys/index.ts';
import { inEmptyContext } from '../../sys/ffi/emptyContext.ts';
import { reportLater } from '../handlerErrors.ts';
import { HostLoop } from '../hostLoop.ts';
import type { RegistrationRow } from '../registrationRow.ts';
import { Arming } from './arming.ts';

const single = new EpollEventBuffer(1);

interface Past {
  /** As `forgottenWhenAsked` says. */
  readonly forgotten: number;
  /** How the registration was armed until `modify` asked for EPOLLPRI. */
  readonly before: Arming | undefined;
}

/**
 * A file that forgets its event when it is asked (see forgottenWhenAsked). It has an epoll instance of its own, which
 * the host's loop watches directly: that the instance is ready is the event itself, even when nothing is left inside. A
 * blocking turn asks the file with poll(2).
 *
 * It is added once, edge-triggered, for EPOLLPRI, and never changed: EPOLL_CTL_MOD asks too, and what came since the
 * report before would be lost. What is not asked for now, or while it is disarmed, is kept here. Before EPOLL_CTL_ADD
 * poll(2) asks.
 */
export class Forgetful extends Arming {
  readonly #forgotten: number;
  #before: Arming | undefined;
  readonly #epfd: number;
  readonly #loop: HostLoop;
  #kept = 0;
  #armed = true;
  #closed = false;

  /** @throws {SystemError} EMFILE, ENFILE, ENOMEM */
  constructor(row: RegistrationRow, { forgotten, before }: Past) {
    super(row);
    this.#forgotten = forgotten;
    this.#before = before;
    this.#epfd = created(epoll_create1(EPOLL_CLOEXEC), 'epoll_create1');
    this.#loop = new HostLoop(this.#epfd, () => this.#found());
  }

  get armed(): boolean {
    return this.#armed;
  }

  /** @throws {SystemError} EMFILE, ENFILE, ENOMEM; EPERM, EBADF and the like as epoll_ctl answers */
  add(): void {
    try {
      // Only to have the kernel's word that it can be watched.
      this.#control(EPOLL_CTL_ADD);
      this.#control(EPOLL_CTL_DEL);
      this.#loop.attach();
    } catch (error) {
      this.#close();
      throw error;
    }
    this.#loop.keepAlive(false);
    this.row.host.forgetful.add(this);
    // libuv adds the instance to its own in its next poll phase, and asks it thereby: the file comes in when that is
    // over. Two immediates, as the first can belong to an iteration whose poll phase has begun.
    inEmptyContext(() => setImmediate(() => setImmediate(() => this.#join())));
  }

  #join(): void {
    if (this.#closed) return;
    try {
      this.#control(EPOLL_CTL_ADD);
    } catch {
      // The number was closed without its registration: like any such entry it has left the list.
    }
    this.#serveNow();
  }

  #control(op: number): void {
    this.keep(pollOne(this.row.fd, (this.row.mask & 0xffff) | EPOLLPRI, 0));
    const call = { epfd: this.#epfd, op, fd: this.row.fd, events: (EPOLLPRI | EPOLLET) >>> 0 };
    const answer = epoll_ctl(call.epfd, op, call.fd, call.events);
    if (answer < 0) throw new SystemError(answer, 'epoll_ctl', { fd: call.fd }, epollCtlAdvice(answer, call));
  }

  rearm(): void {
    const before = this.#before;
    if (before !== undefined) {
      this.add();
      before.end(true);
      this.#before = undefined;
    }
    this.#armed = true;
    if (this.due) inEmptyContext(() => setImmediate(() => this.#serveNow()));
  }

  end(): void {
    this.row.host.forgetful.delete(this);
    this.#close();
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#loop.detach();
    close(this.#epfd);
  }

  /** What a blocking turn asks poll(2) for: the event alone, as such a file is always readable. */
  get pollFd(): { readonly fd: number; readonly events: number; revents: number } {
    return { fd: this.row.fd, events: EPOLLPRI, revents: 0 };
  }

  /** Keeps what poll(2) said. POLLNVAL, its answer for a closed number, is no event: epoll is silent there. */
  keep(answer: number): void {
    if (answer > 0) this.#kept |= answer & ~POLLNVAL;
  }

  /** Whether there is an event to deliver now. */
  get due(): boolean {
    return this.#armed && !this.#closed && (this.#asked() & this.#heard()) !== 0;
  }

  /** Delivers what is kept, if it is due; `errors` gets what a handler throws. */
  serve(errors: unknown[]): void {
    if (!this.due) return;
    const readiness = this.#asked();
    this.#kept &= this.row.handler === undefined ? ~this.#heard() : 0;
    try {
      this.row.deliver(readiness);
    } catch (error) {
      errors.push(error);
    }
  }

  // Of what is kept, what is asked for now; and what would be heard by somebody.
  #asked(): number {
    return this.#kept & (this.row.mask | EPOLLERR | EPOLLHUP);
  }

  #heard(): number {
    return this.row.handler === undefined ? this.row.waitedBits() : ~0;
  }

  // The host's loop has found the instance ready: its question has used the event up. What is left inside is taken off.
  #found(): boolean {
    const left = epoll_wait(this.#epfd, single, 1, 0) === 1 ? single.events(0) : 0;
    this.keep(left | this.#forgotten);
    this.#serveNow();
    return false;
  }

  #serveNow(): void {
    const errors: unknown[] = [];
    this.row.host.beginBatch();
    this.serve(errors);
    reportLater(errors);
  }

  override fired(): void {
    if (this.row.handler === undefined || (this.row.mask & EPOLLONESHOT) === 0) return;
    this.#armed = false;
    this.disarmedAtMs = this.row.host.nowMs();
  }

  override take(bits: number): number {
    const asked = this.#asked();
    if ((asked & bits) === 0) return 0;
    this.#kept &= ~bits;
    return asked;
  }

  override kernelEvents(): number | null {
    return readEpollEntries(this.#epfd)[0]?.events ?? null;
  }
}
