import { ClosedError } from '../fd/closedError.ts';
import type { OwnedFd } from '../fd/ownedFd.ts';
import {
  EPOLL_CTL_ADD,
  EPOLL_CTL_MOD,
  EPOLLERR,
  EPOLLEXCLUSIVE,
  EPOLLHUP,
  EPOLLIN,
  EPOLLONESHOT,
  EPOLLOUT,
  EPOLLRDHUP,
} from '../sys/index.ts';
import { monotonicMs } from '../sys/monotonicMs.ts';
import type { DirectEntry } from './directEntry.ts';
import { eachOf } from './eachOf.ts';
import { interestMask, refuseToWait, type SharedInterest } from './interest.ts';
import { readableBits, writableBits } from './readiness.ts';
import type { Registered, RegistrationHost } from './registrationHost.ts';
import { modeOf, ON_DEMAND, ONESHOT } from './registrationMode.ts';
import type { RegistrationState } from './registrationState.ts';
import { type ReadinessOptions, readReadinessOptions, Waiters } from './waiters.ts';

/** Called with the true event mask: everything the kernel reported, EPOLLERR and EPOLLHUP apart. */
export type ReadinessHandler<R = Registration> = (readiness: number, registration: R) => void;

/** A registration with `exclusive`: the kernel refuses to modify its entry, so it has no `modify` and no `rearm`. */
export type ExclusiveRegistration = Omit<Registration, 'modify' | 'rearm'>;

// What mostly stays true once it was reported, and what edge-triggered entries don't report again by themselves.
const lasting = EPOLLERR | EPOLLHUP | EPOLLRDHUP;
const readinessBits = 0x0fffffff;

/**
 * A descriptor's place in a reactor: made by `Reactor.register`.
 *
 * With a handler, the handler is called for each event. Without one, readiness is awaited: `readable()`, `writable()`,
 * `ready()` or `for await`; the kernel is then asked only while somebody waits, so nothing spins and nothing is lost. With
 * trigger `'edge'` an event that nobody waited for is kept for the next wait.
 *
 * Once `close()` has returned the handler is not called again, not even for an event of the batch at hand.
 *
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { EventFd, Reactor } from 'epoll-ts';
 *
 * const reactor = new Reactor();
 * const counter = new EventFd();
 * const registration = reactor.register(counter, { readable: true });
 * setImmediate(() => counter.write(3n));
 * await registration.readable();
 * assert.equal(counter.read(), 3n);
 * counter.close();
 * reactor.close();
 * ```
 */
export class Registration {
  /** The descriptor's number. */
  readonly fd: number;
  /** @internal The object that owns the descriptor, kept reachable while it is registered. */
  readonly target: OwnedFd | undefined;
  /** @internal Which epoll_ctl made the entry: an event with another generation is stale. */
  generation = 0;
  /** @internal The last turn that delivered, and the one before the first of those in a row. */
  lastTurn = 0;
  /** @internal */
  streakBegan = 0;
  /** @internal As `modeOf` says. */
  mode = 0;
  /** @internal Told why the registration has ended: a handler alone would never know. */
  onEnd: ((reason: unknown) => void) | undefined;

  readonly #host: RegistrationHost;
  readonly #handler: ReadinessHandler | undefined;
  #direct: DirectEntry | undefined;
  // Signed, so that V8 holds EPOLLET (the highest bit) without an object of its own; unsigned where it is shown.
  #mask: number;
  // What the kernel's entry reports now; 0 when it is disarmed.
  #armedFor: number;
  // Whole milliseconds, rounded down: V8 holds a fraction in an object of its own.
  #disarmedAtMs = 0;
  #closed = false;
  #refed = true;
  #live = false;
  #delivered = 0;
  #lastReadiness = 0;
  // Without a handler, edge-triggered: what was reported while nobody waited for it, and whether something lasting ever was.
  #kept = 0;
  #ended = false;
  #waiters: Waiters | undefined;

  /** @internal Adds the entry to the kernel's list. */
  constructor(host: RegistrationHost, { fd, target, mask, handler }: Registered) {
    this.#host = host;
    this.fd = fd;
    this.target = target;
    this.#mask = mask | 0;
    this.#handler = handler;
    this.#derive();
    this.#armedFor = (this.mode & ON_DEMAND) !== 0 ? 0 : this.#mask;
    if ((this.mode & ON_DEMAND) !== 0) this.#disarmedAtMs = monotonicMs();
    host.control(this, EPOLL_CTL_ADD, this.#exclusive() ? this.#mask : this.#demanded());
    // While nobody waits it must not take the one wakeup that another reactor waits for.
    if (this.#exclusive() && (this.mode & ON_DEMAND) !== 0) host.drop(this);
    this.#updateLive();
  }

  /** The mask asked for, trigger bits included. */
  get mask(): number {
    return this.#mask >>> 0;
  }

  /** Whether the kernel will report: false for a one-shot that has fired, and after `close()`. */
  get armed(): boolean {
    return !this.#closed && (this.#armedFor !== 0 || (this.mode & (ONESHOT | ON_DEMAND)) === 0);
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** @internal The epoll instance of its own that a descriptor has whose poll method uses its event up. */
  get direct(): DirectEntry | undefined {
    return this.#direct;
  }

  /** @internal It has left the reactor's own instance. */
  moveTo(entry: DirectEntry): void {
    this.#direct = entry;
    this.#derive();
  }

  #derive(): void {
    this.mode = modeOf(this.#mask, { handled: this.#handler !== undefined, direct: this.#direct !== undefined });
  }

  #exclusive(): boolean {
    return (this.#mask & EPOLLEXCLUSIVE) !== 0;
  }

  // The kernel refuses EPOLLEXCLUSIVE with EPOLLONESHOT, and to modify such an entry: it is disarmed by deleting it.
  #listed(): boolean {
    return !this.#exclusive() || this.#armedFor !== 0;
  }

  // The mask to ask the kernel for now. On demand that is what is waited for, once; 0 with EPOLLONESHOT is disarmed.
  #demanded(): number {
    if ((this.mode & ON_DEMAND) === 0) return this.#mask;
    return (this.#mask & ((this.#waiters?.bits ?? 0) | ~readinessBits)) | EPOLLONESHOT;
  }

  /**
   * Changes the interest and arms a fired one-shot. Readiness that is there already is reported once more.
   *
   * @throws {SystemError} EBADF, ENOENT when the descriptor was closed behind the registration's back
   * @throws {ClosedError} after `close()`
   * @throws {TypeError} for a wrong interest, and for a registration with `exclusive`
   * @see https://man7.org/linux/man-pages/man2/epoll_ctl.2.html
   */
  modify(interest: SharedInterest): void {
    this.#assertOpen();
    const mask = interestMask(interest, 'modify');
    if (this.#exclusive() || (mask & EPOLLEXCLUSIVE) !== 0) {
      throw new TypeError(
        'Cannot modify as the kernel refuses to modify an entry to or from EPOLLEXCLUSIVE: register again',
      );
    }
    const before = this.#mask;
    this.#mask = mask | 0;
    this.#derive();
    try {
      this.#arm();
    } catch (error) {
      this.#mask = before;
      this.#derive();
      throw error;
    }
    // What is still true of it is reported again.
    this.#kept = 0;
  }

  /**
   * Arms a one-shot that has fired; readiness that is there already is reported at once. On any other trigger it asks the
   * kernel to report present readiness once more.
   *
   * @throws {SystemError} EBADF, ENOENT when the descriptor was closed behind the registration's back
   * @throws {ClosedError} after `close()`
   * @throws {TypeError} for a registration with `exclusive`
   */
  rearm(): void {
    this.#assertOpen();
    if (this.#exclusive())
      throw new TypeError('Cannot rearm as the kernel refuses to modify an entry with EPOLLEXCLUSIVE');
    this.#arm();
  }

  #arm(): void {
    const mask = this.#demanded();
    this.#host.control(this, EPOLL_CTL_MOD, mask);
    this.#armed((this.mode & ON_DEMAND) !== 0 && !this.#waiting() ? 0 : mask);
  }

  #armed(mask: number): void {
    if (mask === 0 && this.#armedFor !== 0) this.#disarmedAtMs = monotonicMs();
    this.#armedFor = mask;
  }

  #waiting(): boolean {
    return this.#waiters !== undefined && !this.#waiters.idle;
  }

  /**
   * Resolves with the event mask when a read would not wait: data, the end, or an error.
   *
   * @param options `signal` gives the wait up: the promise rejects with its reason and nothing is lost
   * @throws {TypeError} (as a rejection) when the interest is not in reading; for a wrong option
   * @throws {ClosedError} (as a rejection) when the registration, its object or the reactor is closed
   * @throws {SystemError} (as a rejection) EBADF, ENOENT when the descriptor was closed behind the registration's back
   */
  readable(options?: ReadinessOptions): Promise<number> {
    return this.#wait(readableBits, EPOLLIN | EPOLLRDHUP, options);
  }

  /** Resolves with the event mask when a write would not wait: room, or an error. Options and rejections as `readable`. */
  writable(options?: ReadinessOptions): Promise<number> {
    return this.#wait(writableBits, EPOLLOUT, options);
  }

  /** Resolves with the mask of the next event, whatever it is. Options and rejections as `readable`. */
  ready(options?: ReadinessOptions): Promise<number> {
    return this.#wait(readinessBits, ~0, options);
  }

  // No async function: its promise would come on top of the one that is waited for.
  #wait(bits: number, wanted: number, options?: ReadinessOptions): Promise<number> {
    try {
      return this.#begin(bits, wanted, options);
    } catch (error) {
      return rejected(error);
    }
  }

  #begin(bits: number, wanted: number, options?: ReadinessOptions): Promise<number> {
    const { signal } = readReadinessOptions(options); // first: a getter may close this
    this.#assertOpen();
    signal?.throwIfAborted();
    if (wanted !== ~0 && (this.#mask & wanted) === 0) refuseToWait(wanted, this.mask);
    const kept = this.#kept;
    if ((kept & bits) !== 0) {
      this.#kept = kept & ~bits;
      return Promise.resolve(kept);
    }
    const wait = (this.#waiters ??= new Waiters()).wait(bits, signal, () => this.#abandoned());
    this.#updateLive();
    if ((this.mode & ON_DEMAND) !== 0) this.#demand();
    // A hangup may be there still, or over (a FIFO has a new writer): only the kernel knows.
    else if (this.#ended && wanted !== ~0) this.#ask();
    return wait;
  }

  // Nothing is lost while nobody waits: readiness that is there when it is armed is reported.
  #demand(): void {
    if (!this.#waiting()) return;
    if (this.#armedFor === 0 || (this.#demanded() & ~this.#armedFor) !== 0) this.#ask();
  }

  // Has the kernel report what is there now: EPOLL_CTL_ADD and MOD do so whatever the trigger.
  #ask(): void {
    try {
      if (this.#exclusive()) {
        this.#drop();
        this.#host.control(this, EPOLL_CTL_ADD, this.#mask);
        this.#armed(this.#mask);
      } else {
        this.#arm();
      }
    } catch (error) {
      this.#waiters?.fail(error);
      this.#updateLive();
    }
  }

  #drop(): void {
    if (this.#listed()) this.#host.drop(this);
    this.#armed(0);
  }

  // The last wait was given up.
  #abandoned(): void {
    this.#updateLive();
    if ((this.mode & ON_DEMAND) === 0 || this.#armedFor === 0) return;
    if (this.#exclusive()) this.#drop();
    else this.#ask();
  }

  /** @internal An event of this generation came. Whatever the handler throws passes through, when all else is done. */
  deliver(readiness: number): void {
    this.#delivered++;
    this.#lastReadiness = readiness;
    // Nearly always. What follows is the same, at length: asking all of it costs as much as the rest of a turn.
    if (this.#handler !== undefined && this.#waiters === undefined) {
      if ((this.mode & ONESHOT) !== 0) this.#disarmed();
      this.#handler(readiness, this);
      return;
    }
    if ((this.mode & ON_DEMAND) !== 0 && this.#exclusive()) this.#drop();
    if ((this.mode & (ONESHOT | ON_DEMAND)) !== 0) this.#disarmed();
    if (this.#handler === undefined && (this.mode & ON_DEMAND) === 0) {
      this.#kept |= readiness & ~(this.#waiters?.bits ?? 0);
      this.#ended ||= (readiness & lasting) !== 0;
    }
    if (this.#waiting()) {
      this.#waiters?.settle(readiness);
      if ((this.mode & ON_DEMAND) !== 0) this.#demand();
      this.#updateLive();
    }
    this.#handler?.(readiness, this);
  }

  #disarmed(): void {
    this.#armedFor = 0;
    this.#disarmedAtMs = this.#host.nowMs();
  }

  /**
   * Each event in turn: `for await (const readiness of registration)`. Ends when the registration is closed. The next event
   * is asked for when the body has run, so a body that awaits holds the events back; drain the descriptor in it.
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<number> {
    return eachOf((signal) => this.ready({ signal }));
  }

  /** Has the registration keep the process alive again (the state after `register`). */
  ref(): this {
    this.#refed = true;
    this.#updateLive();
    return this;
  }

  /** Lets the process end although the registration is there. */
  unref(): this {
    this.#refed = false;
    this.#updateLive();
    return this;
  }

  #updateLive(): void {
    const live = !this.#closed && this.#refed && (this.#handler !== undefined || this.#waiting());
    if (live === this.#live) return;
    this.#live = live;
    this.#host.liveChanged(live ? 1 : -1);
  }

  /**
   * Ends the registration; the descriptor stays open. Waits are rejected with ClosedError. Calling it again does nothing.
   * Close the registration of a plain number before the number: the kernel keeps the entry while a duplicate is open.
   */
  close(): void {
    // Mostly nobody is told, and an error with its stack takes longer than the rest.
    this.abandon(this.#waiting() || this.onEnd ? new ClosedError('Registration') : undefined, true);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** @internal Ends the registration, `listed` if the kernel still has the entry. */
  abandon(reason: unknown, listed: boolean): void {
    if (this.#closed) return;
    this.#closed = true;
    const inKernel = listed && this.#listed();
    this.#armedFor = 0;
    this.#host.remove(this, inKernel);
    this.#waiters?.fail(reason);
    this.onEnd?.(reason);
    this.#updateLive();
  }

  /** @internal */
  state(now: number): RegistrationState {
    return {
      fd: this.fd,
      events: this.mask,
      armed: this.armed,
      disarmedForMs: this.armed ? null : now - this.#disarmedAtMs,
      keepsAlive: this.#live,
      delivered: this.#delivered,
      lastReadiness: this.#lastReadiness,
    };
  }

  #assertOpen(): void {
    if (this.#closed) throw new ClosedError('Registration');
  }
}

async function rejected(reason: unknown): Promise<never> {
  throw reason;
}
