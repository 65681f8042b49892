import type { AsyncResource } from 'node:async_hooks';
import { ClosedError } from '../fd/closedError.ts';
import { EPOLLEXCLUSIVE, EPOLLET, EPOLLONESHOT } from '../sys/index.ts';
import type { Arming } from './arming/arming.ts';
import { armingOf } from './arming/armingOf.ts';
import { contextWithStore, givenContext } from './givenContext.ts';
import { reportLater } from './handlerErrors.ts';
import { interestMask, refuseToWait, type SharedInterest } from './interest.ts';
import type { InterestList } from './interestList.ts';
import type { ReadinessHandler, Registration } from './registration.ts';
import type { RegistrationState } from './registrationState.ts';
import { type ReadinessOptions, readReadinessOptions, Waiters } from './waiters.ts';

/** What is registered, and how. */
export interface Registered {
  readonly fd: number;
  /** The object that has the descriptor. */
  readonly target: unknown;
  readonly mask: number;
  readonly handler: ReadinessHandler | undefined;
}

const readinessBits = 0x0fffffff;

/**
 * A registration as the table has it: the one shape that dispatch sees. How its entry is armed is the business of
 * `Arming`. Programs hold a `Registration`, from which this can't be reached.
 */
export class RegistrationRow {
  readonly fd: number;
  /** Kept reachable while it is registered: its descriptor is closed when it is collected. */
  readonly target: unknown;
  readonly host: InterestList;
  readonly handler: ReadinessHandler | undefined;
  readonly registration: Registration;
  /** The mask asked for, signed: V8 holds EPOLLET (the highest bit) without an object of its own then. */
  mask: number;
  /** Which epoll_ctl made the entry: an event with another generation is stale. */
  generation = 0;
  /**
   * Whether it reports on each turn while the descriptor is ready; the last turn that it did, and the one before the
   * first in a row.
   */
  level = false;
  lastTurn = 0;
  streakBegan = 0;
  closed = false;
  /** Told why the registration has ended: a handler alone would never know. */
  onEnd: ((reason: unknown) => void) | undefined;

  // The handler, where an event is a call of it and nothing else: nearly always.
  #plain: ReadinessHandler | undefined;
  #refed = true;
  #live = false;
  #delivered = 0;
  #lastReadiness = 0;
  #arming: Arming;
  // Of the handler, until it is known to have no store.
  #context: AsyncResource | undefined;
  #contextKnown = false;
  #waiters: Waiters | undefined;

  /** Adds the entry to the kernel's list. */
  constructor(host: InterestList, registration: Registration, { fd, target, mask, handler }: Registered) {
    this.host = host;
    this.registration = registration;
    this.fd = fd;
    this.target = target;
    this.mask = mask | 0;
    this.handler = handler;
    this.#context = handler === undefined ? undefined : givenContext();
    this.#arming = armingOf(this, undefined);
    this.#arming.add();
    this.#derive();
    this.#updateLive();
  }

  get armed(): boolean {
    return !this.closed && this.#arming.armed;
  }

  /** Whether somebody waits. */
  get waiting(): boolean {
    return this.#waiters !== undefined && !this.#waiters.idle;
  }

  /** The bits that somebody waits for. */
  waitedBits(): number {
    return this.#waiters === undefined ? 0 : this.#waiters.bits;
  }

  /** Of the mask asked for, what somebody waits for. */
  waitedMask(): number {
    return this.mask & (this.waitedBits() | ~readinessBits);
  }

  get exclusive(): boolean {
    return (this.mask & EPOLLEXCLUSIVE) !== 0;
  }

  #derive(): void {
    const { mask, handler } = this;
    this.level = handler !== undefined && (mask & (EPOLLET | EPOLLONESHOT)) === 0;
    const plain = (mask & EPOLLONESHOT) === 0 && this.#waiters === undefined && this.#context === undefined;
    this.#plain = plain ? handler : undefined;
  }

  modify(interest: SharedInterest): void {
    this.#assertOpen();
    const mask = interestMask(interest, 'modify') | 0;
    if (this.exclusive || (mask & EPOLLEXCLUSIVE) !== 0) {
      throw new TypeError(
        'Cannot modify as the kernel refuses to modify an entry to or from EPOLLEXCLUSIVE: register again',
      );
    }
    const before = this.mask;
    this.mask = mask;
    try {
      // Anew: what was kept for the old interest is reported again where it is still true.
      const arming = armingOf(this, this.#arming);
      arming.rearm();
      this.#arming = arming;
    } catch (error) {
      this.mask = before;
      throw error;
    }
    this.#derive();
  }

  rearm(): void {
    this.#assertOpen();
    this.#arming.rearm();
  }

  wait(bits: number, wanted: number, options?: ReadinessOptions): Promise<number> {
    const { signal } = readReadinessOptions(options); // first: a getter may close this
    this.#assertOpen();
    signal?.throwIfAborted();
    if (wanted !== ~0 && (this.mask & wanted) === 0) refuseToWait(wanted, this.mask >>> 0);
    const kept = this.#arming.take(bits);
    if (kept !== 0) return Promise.resolve(kept);
    this.#plain = undefined;
    const waiters = (this.#waiters ??= new Waiters());
    const wait = waiters.wait(bits, signal, () => this.#abandoned());
    this.#updateLive();
    this.#arming.begun(wanted);
    return wait;
  }

  /** The kernel refused what somebody waits for. */
  failWaits(error: unknown): void {
    this.#waiters?.fail(error);
    this.#updateLive();
  }

  // The last wait was given up.
  #abandoned(): void {
    this.#updateLive();
    if (!this.closed) this.#arming.idle();
  }

  /** An event of this generation came. Whatever the handler throws passes through, when all else is done. */
  deliver(readiness: number): void {
    this.#delivered++;
    this.#lastReadiness = readiness;
    const plain = this.#plain;
    if (plain !== undefined) {
      plain(readiness, this.registration);
      return;
    }
    this.#arming.fired(readiness);
    if (this.waiting) this.#settle(readiness);
    if (this.handler === undefined) return;
    if (this.#context === undefined) this.handler(readiness, this.registration);
    else this.#callInContext(this.handler, readiness, this.#context);
  }

  #callInContext(handler: ReadinessHandler, readiness: number, given: AsyncResource): void {
    if (!this.#contextKnown) {
      this.#contextKnown = true;
      this.#context = contextWithStore(given);
      this.#derive();
    }
    if (this.#context === undefined) handler(readiness, this.registration);
    else this.#context.runInAsyncScope(handler, undefined, readiness, this.registration);
  }

  #settle(readiness: number): void {
    this.#waiters?.settle(readiness);
    if (this.waiting) this.#arming.demand();
    this.#updateLive();
  }

  ref(refed: boolean): void {
    this.#refed = refed;
    this.#updateLive();
  }

  #updateLive(): void {
    const live = !this.closed && this.#refed && (this.handler !== undefined || this.waiting);
    if (live === this.#live) return;
    this.#live = live;
    this.host.liveChanged(live ? 1 : -1);
  }

  close(): void {
    // Mostly nobody is told, and an error with its stack takes longer than the rest.
    this.abandon(this.waiting || this.onEnd !== undefined ? new ClosedError('Registration') : undefined, true);
  }

  /** Ends the registration, `listed` if the kernel still has the entry. Never throws: others are to be ended too. */
  abandon(reason: unknown, listed: boolean): void {
    if (this.closed) return;
    this.closed = true;
    this.host.remove(this);
    this.#arming.end(listed);
    this.#waiters?.fail(reason);
    this.#updateLive();
    try {
      this.onEnd?.(reason);
    } catch (error) {
      reportLater([error]);
    }
  }

  state(now: number): RegistrationState {
    const { armed } = this;
    return {
      fd: this.fd,
      events: this.mask >>> 0,
      armed,
      disarmedForMs: armed ? null : now - this.#arming.disarmedAtMs,
      keepsAlive: this.#live,
      delivered: this.#delivered,
      lastReadiness: this.#lastReadiness,
    };
  }

  /** The mask that the kernel has in force where that is not in the reactor's own list. */
  kernelEvents(): number | null {
    return this.#arming.kernelEvents();
  }

  #assertOpen(): void {
    if (this.closed) throw new ClosedError('Registration');
  }
}
