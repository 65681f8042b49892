import { EPOLLIN, EPOLLOUT, EPOLLRDHUP, formatEvents } from '../sys/index.ts';
import { eachOf } from './eachOf.ts';
import type { SharedInterest } from './interest.ts';
import type { InterestList } from './interestList.ts';
import { readableBits, writableBits } from './readiness.ts';
import { type Registered, RegistrationRow } from './registrationRow.ts';
import type { ReadinessOptions } from './waiters.ts';
import { inspectable } from '../fd/inspectable.ts';

/** Called with the true event mask: everything the kernel reported, EPOLLERR and EPOLLHUP apart. */
export type ReadinessHandler<R = Registration> = (readiness: number, registration: R) => void;

/** A registration with `exclusive`: the kernel refuses to modify its entry, so it has no `modify` and no `rearm`. */
export type ExclusiveRegistration = Omit<Registration, 'modify' | 'rearm'>;

const anything = 0x0fffffff;

let make: (host: InterestList, registered: Registered) => Registration;
let rowOf: (registration: Registration | ExclusiveRegistration) => RegistrationRow;

/**
 * A descriptor's place in a reactor: made by `Reactor.register`.
 *
 * With a handler, the handler is called for each event. Without one, readiness is awaited: `readable()`, `writable()`,
 * `ready()` or `for await`; the kernel is then asked only while somebody waits, so nothing spins and nothing is lost.
 * With trigger `'edge'` an event that nobody waited for is kept for the next wait.
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
  static {
    inspectable(this.prototype, {
      fd: ({ fd }) => fd,
      events: ({ mask }) => formatEvents(mask),
      armed: ({ armed }) => armed,
    });
  }

  readonly #row: RegistrationRow;

  private constructor(host: InterestList, registered: Registered) {
    this.#row = new RegistrationRow(host, this, registered);
  }

  /** The descriptor's number. */
  get fd(): number {
    return this.#row.fd;
  }

  /** The mask asked for, trigger bits included. */
  get mask(): number {
    return this.#row.mask >>> 0;
  }

  /** Whether the kernel will report: false for a one-shot that has fired, and after `close()`. */
  get armed(): boolean {
    return this.#row.armed;
  }

  get closed(): boolean {
    return this.#row.closed;
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
    this.#row.modify(interest);
  }

  /**
   * Arms a one-shot that has fired; readiness that is there already is reported at once. On any other trigger it asks
   * the kernel to report present readiness once more.
   *
   * @throws {SystemError} EBADF, ENOENT when the descriptor was closed behind the registration's back
   * @throws {ClosedError} after `close()`
   * @throws {TypeError} for a registration with `exclusive`
   */
  rearm(): void {
    this.#row.rearm();
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

  /**
   * Resolves with the event mask when a write would not wait: room, or an error. Options and rejections as `readable`.
   */
  writable(options?: ReadinessOptions): Promise<number> {
    return this.#wait(writableBits, EPOLLOUT, options);
  }

  /** Resolves with the mask of the next event, whatever it is. Options and rejections as `readable`. */
  ready(options?: ReadinessOptions): Promise<number> {
    return this.#wait(anything, ~0, options);
  }

  // No async function: its promise would come on top of the one that is waited for.
  #wait(bits: number, wanted: number, options?: ReadinessOptions): Promise<number> {
    try {
      return this.#row.wait(bits, wanted, options);
    } catch (error) {
      return rejected(error);
    }
  }

  /**
   * Each event in turn: `for await (const readiness of registration)`. Ends when the registration is closed. The next
   * event is asked for when the body has run, so a body that awaits holds the events back; drain the descriptor in it.
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<number> {
    return eachOf((signal) => this.ready({ signal }));
  }

  /** Has the registration keep the process alive again (the state after `register`). */
  ref(): this {
    this.#row.ref(true);
    return this;
  }

  /** Lets the process end although the registration is there. */
  unref(): this {
    this.#row.ref(false);
    return this;
  }

  /**
   * Ends the registration; the descriptor stays open. Waits are rejected with ClosedError. Calling it again does
   * nothing. Close the registration of a plain number before the number: the kernel keeps the entry while a duplicate
   * is open.
   */
  close(): void {
    this.#row.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  static {
    make = (host, registered) => new Registration(host, registered);
    rowOf = (registration) => (registration as Registration).#row;
  }
}

/** Adds an entry to the kernel's list. @throws {SystemError} as epoll_ctl does */
export function newRegistration(host: InterestList, registered: Registered): Registration {
  return make(host, registered);
}

/** The row of a registration, which programs can't reach. */
export function rowOfRegistration(registration: Registration): RegistrationRow {
  return rowOf(registration);
}

/** Has `ended` told why the registration has ended: a handler alone would never know. */
export function whenEnded(
  registration: Registration | ExclusiveRegistration,
  ended: ((reason: unknown) => void) | undefined,
): void {
  rowOf(registration).onEnd = ended;
}

async function rejected(reason: unknown): Promise<never> {
  throw reason;
}
