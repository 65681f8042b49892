import { ClosedError } from '../../fd/closedError.ts';
import type { OwnedFd } from '../../fd/ownedFd.ts';
import { pollNow } from '../../fd/pollNow.ts';
import { check } from '../../fd/systemError.ts';
import { inGivenContext } from '../../reactor/givenContext.ts';
import { isReadable, isWritable, readableBits, writableBits } from '../../reactor/readiness.ts';
import type { Reactor } from '../../reactor/reactor.ts';
import { type ExclusiveRegistration, type Registration, whenEnded } from '../../reactor/registration.ts';
import { TurnBudget } from '../../reactor/turnBudget.ts';
import { Waiters } from '../../reactor/waiters.ts';
import { EPOLLERR, EPOLLHUP, EPOLLPRI, EPOLLRDHUP } from '../../sys/index.ts';
import { inEmptyContext } from '../../sys/ffi/emptyContext.ts';
import { threadReactor } from './threadReactor.ts';

/** Called on each readiness event of a socket, with the true event mask. */
export type SocketHandler = (readiness: number) => void;

/** What drives a socket on its user's behalf: a Duplex. */
export interface SocketDriver {
  /** An event has come: what `mayRead` and `mayWrite` say is up to date. */
  ready(readiness: number): void;
  /** The socket was closed, or its reactor was: nothing will be reported any more. */
  ended(reason: unknown): void;
}

/** How a kind of socket is in its reactor. */
export interface ReadinessEntry<S> {
  /** Adds the socket, edge-triggered. */
  register(socket: S, reactor: Reactor, handler: SocketHandler): Registration | ExclusiveRegistration;
  /** Whether it is there only while something waits for it: an entry takes wakeups that others wait for. */
  joinsToWait(socket: S): boolean;
}

const exceptionalBits = EPOLLERR | EPOLLHUP | EPOLLRDHUP | EPOLLPRI;
const ready = Promise.resolve();

/**
 * What the kernel has said of a socket last, and who waits for more.
 *
 * The socket joins its reactor when something is waited for first. From then on it counts as ready until a call answers
 * EAGAIN, and as not ready until an event comes. Before that each try asks the kernel.
 */
export class CachedReadiness<S extends OwnedFd = OwnedFd> {
  /** What the socket may do in one turn. */
  readonly budget: TurnBudget = new TurnBudget();
  readonly #socket: S;
  readonly #reactor: Reactor | undefined;
  readonly #entry: ReadinessEntry<S>;
  #registration: Registration | ExclusiveRegistration | undefined;
  #waiters: Waiters | undefined;
  #handler: SocketHandler | undefined;
  #callHandler: SocketHandler | undefined;
  #driver: SocketDriver | undefined;
  #driverWaits = false;
  #mayRead = true;
  #mayWrite = true;
  #exceptional = false;
  #refed = true;

  /** @param reactor `threadReactor()` by default */
  constructor(socket: S, reactor: Reactor | undefined, entry: ReadinessEntry<S>) {
    this.#socket = socket;
    this.#reactor = reactor;
    this.#entry = entry;
  }

  /** false: the kernel has answered EAGAIN to a read, and no event has come since. */
  get mayRead(): boolean {
    return this.#mayRead;
  }

  get mayWrite(): boolean {
    return this.#mayWrite;
  }

  /** The kernel has answered EAGAIN to a read. Where no reactor will tell of a change, the next try asks again. */
  drained(): void {
    this.#mayRead = this.#registration === undefined;
  }

  /**
   * A read of bytes gave less than there was room for: nothing is left, as if the next one had answered EAGAIN
   * (epoll(7), Q9). Not after an event that told of more than bytes: the end and an error are read behind the last
   * byte, and a read stops where urgent data was.
   */
  drainedByShortRead(): void {
    if (!this.#exceptional) this.drained();
  }

  /** The kernel has answered EAGAIN to a write. */
  filled(): void {
    this.#mayWrite = this.#registration === undefined;
  }

  /** The next read asks the kernel: an event that says so may be on its way. */
  readAnyway(): void {
    this.#mayRead = true;
  }

  /** Resolves when a read might not wait: an event has come since `drained()`. */
  waitToRead(signal: AbortSignal | undefined): Promise<unknown> {
    return this.#wait(readableBits, signal);
  }

  waitToWrite(signal: AbortSignal | undefined): Promise<unknown> {
    return this.#wait(writableBits, signal);
  }

  /** Resolves when a read would not wait: asks the kernel where nothing was tried yet. */
  untilReadable(signal: AbortSignal | undefined): Promise<unknown> {
    this.#ask(readableBits, signal);
    return this.#wait(readableBits, signal);
  }

  untilWritable(signal: AbortSignal | undefined): Promise<unknown> {
    this.#ask(writableBits, signal);
    return this.#wait(writableBits, signal);
  }

  // The socket has joined before it is asked, so that nothing comes in between.
  #ask(bits: number, signal: AbortSignal | undefined): void {
    signal?.throwIfAborted();
    this.join();
    const { fd } = this.#socket;
    const reads = bits === readableBits;
    if (!(reads ? this.#mayRead : this.#mayWrite) || check(pollNow(fd, bits), 'poll', { fd }) !== 0) return;
    if (reads) this.drained();
    else this.filled();
  }

  #wait(bits: number, signal: AbortSignal | undefined): Promise<unknown> {
    // An abort that came since the last wait would not be heard any more.
    signal?.throwIfAborted();
    this.join();
    if (bits === readableBits ? this.#mayRead : this.#mayWrite) return ready;
    this.budget.renew();
    const waiters = (this.#waiters ??= new Waiters());
    const wait = waiters.wait(bits, signal, () => this.#updateRef());
    this.#updateRef();
    return wait;
  }

  /** Joins the reactor, if it was not done before: from then on EAGAIN is remembered until an event comes. */
  join(): void {
    if (this.#registration !== undefined) return;
    if (this.#socket.closed) throw new ClosedError(this.#socket.constructor.name);
    const reactor = this.#reactor ?? threadReactor();
    // What it calls has a context of its own: not that of whoever waits first.
    const registration = inEmptyContext(() =>
      this.#entry.register(this.#socket, reactor, (readiness) => this.#ready(readiness)),
    );
    whenEnded(registration, (reason) => this.#ended(reason));
    this.#registration = registration;
    if (this.#entry.joinsToWait(this.#socket)) {
      // What is there already is reported to a new entry, and whoever joins waits: it must not leave before that.
      [this.#mayRead, this.#mayWrite] = [false, false];
    } else {
      this.#updateRef();
    }
  }

  #leave(): void {
    const registration = this.#registration;
    if (registration === undefined) return;
    this.#registration = undefined;
    [this.#mayRead, this.#mayWrite] = [true, true];
    whenEnded(registration, undefined);
    registration.close();
  }

  #ready(readiness: number): void {
    if (isReadable(readiness)) this.#mayRead = true;
    if (isWritable(readiness)) this.#mayWrite = true;
    if ((readiness & exceptionalBits) !== 0) this.#exceptional = true;
    this.budget.renew();
    if (this.#waiting) {
      this.#waiters?.settle(readiness);
      this.#updateRef();
    }
    this.#driver?.ready(readiness);
    this.#callHandler?.(readiness);
  }

  // The reactor was closed, or the number was closed behind our back: nothing will be reported any more.
  #ended(reason: unknown): void {
    this.#registration = undefined;
    [this.#mayRead, this.#mayWrite] = [true, true];
    this.#waiters?.fail(reason);
    this.#driver?.ended(reason);
  }

  get #waiting(): boolean {
    return this.#waiters !== undefined && !this.#waiters.idle;
  }

  /**
   * The socket is about to be closed, or given away: what waits is rejected with ClosedError.
   *
   * @returns tells the driver, when the descriptor is closed
   */
  closing(): (() => void) | undefined {
    const [driver, registration] = [this.#driver, this.#registration];
    this.#driver = this.#registration = undefined;
    if (registration !== undefined) whenEnded(registration, undefined);
    // An error costs more than all the rest of closing.
    if (driver === undefined && !this.#waiting) return undefined;
    const reason = new ClosedError(this.#socket.constructor.name);
    this.#waiters?.fail(reason);
    return driver === undefined ? undefined : () => driver.ended(reason);
  }

  get handler(): SocketHandler | undefined {
    return this.#handler;
  }

  set handler(handler: SocketHandler | undefined) {
    if (handler !== undefined) this.join();
    this.#handler = handler;
    this.#callHandler = handler && inGivenContext(handler);
    this.#updateRef();
  }

  /** Has a driver told of each event. It waits for none yet, so that it does not keep the process alive. */
  drive(driver: SocketDriver): void {
    const ready = inGivenContext((readiness: number) => driver.ready(readiness));
    this.#driver = { ready, ended: (reason) => driver.ended(reason) };
  }

  /** Whether the driver waits for an event: the socket joins its reactor, and keeps the process alive. */
  driverWaits(waits: boolean): void {
    if (waits) this.join();
    if (this.#driverWaits === waits) return;
    this.#driverWaits = waits;
    this.#updateRef();
  }

  /** Whether what waits keeps the process alive; it does at first. */
  keepAlive(refed: boolean): void {
    this.#refed = refed;
    this.#updateRef();
  }

  // An idle socket does not keep the process alive: only what waits for it does.
  #updateRef(): void {
    const waiting = this.#handler !== undefined || this.#driverWaits || this.#waiting;
    if (!waiting && this.#entry.joinsToWait(this.#socket)) this.#leave();
    else if (this.#refed && waiting) this.#registration?.ref();
    else this.#registration?.unref();
  }
}
