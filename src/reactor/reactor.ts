import { created } from '../fd/advice.ts';
import { ClosedError } from '../fd/closedError.ts';
import { EagerWait } from '../fd/eagerWait.ts';
import { EventFd } from '../fd/eventFd.ts';
import { type FdLike, fdOf } from '../fd/fdLike.ts';
import { milliseconds } from '../fd/milliseconds.ts';
import { OwnedFd } from '../fd/ownedFd.ts';
import { SystemError } from '../fd/systemError.ts';
import { describe } from '../sys/argument.ts';
import { EventBatch } from '../sys/eventBatch.ts';
import { EPOLL_CLOEXEC, epoll_create1 } from '../sys/index.ts';
import { reportLater, reportNow } from './handlerErrors.ts';
import { HostLoop } from './hostLoop.ts';
import { type ExclusiveInterest, type Interest, interestMask, type SharedInterest } from './interest.ts';
import { InterestList } from './interestList.ts';
import type { ExclusiveRegistration, ReadinessHandler, Registration } from './registration.ts';
import { listSnapshot, type ReactorSnapshot } from './snapshot.ts';
import { type ReactorOptions, readReactorOptions, readRunOptions, type RunOptions } from './reactorOptions.ts';
import { newWaker, type Waker } from './waker.ts';
import { inspectable } from '../fd/inspectable.ts';

let openFds: (reactor: Reactor) => number[];

/**
 * Calls handlers when descriptors are ready: in the host's event loop, or blocking in a thread of its own.
 *
 * Attached (which happens with the first registration), it costs nothing while idle, and keeps the process alive while
 * a registration does. Promises and `process.nextTick` that handlers start run when the batch of events is through, in
 * the same iteration of the loop. `run` and `turn` block instead: promises, timers and other I/O of the thread wait
 * meanwhile.
 *
 * A handler that throws is reported as any uncaught exception is; the rest of the batch and the loop go on.
 *
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { EventFd, isReadable, Reactor } from 'epoll-ts';
 *
 * const reactor = new Reactor();
 * const counter = new EventFd({ initial: 2n });
 * reactor.register(counter, { readable: true, trigger: 'oneshot' }, (readiness, registration) => {
 *   assert.ok(isReadable(readiness));
 *   assert.equal(counter.read(), 2n);
 *   registration.rearm();
 *   counter.close(); // also closes the registration: the process can end
 * });
 * ```
 */
export class Reactor extends OwnedFd {
  static {
    inspectable(this.prototype, {
      fd: ({ fd }) => fd,
      registrations: (own) => own.#list.table.all().length,
      attached: (own) => own.#hostLoop.attached,
    });
  }

  readonly #maxevents: number;
  #spare: EventBatch | undefined;
  readonly #hostLoop: HostLoop;
  readonly #list: InterestList;
  readonly #eager = new EagerWait();
  #taken = 0; // events in this turn of the host's loop
  #stopping = false;

  /**
   * @throws {SystemError} EMFILE, ENFILE, ENOMEM
   * @throws {TypeError | RangeError} when an option is wrong
   * @throws {UnsupportedError} where there is no epoll
   */
  constructor(options?: ReactorOptions) {
    const { maxevents = 256 } = readReactorOptions(options);
    super(created(epoll_create1(EPOLL_CLOEXEC), 'epoll_create1'));
    this.#maxevents = maxevents;
    this.#hostLoop = new HostLoop(this.fd, (again) => this.#hostTurn(again));
    this.#list = new InterestList(this.fd, this.#hostLoop);
  }

  /**
   * Watches a descriptor.
   *
   * An object of ours leaves the reactor when it is closed. A plain number must not be closed before its registration
   * is. For edge-triggered use the descriptor must be non-blocking; ours are.
   *
   * @param target a number, or an object with one as `fd`; borrowed
   * @param interest what for, and how
   * @param handler called for each event, in the AsyncLocalStorage context of this call; without one, await the
   * registration
   * @throws {SystemError} EPERM this kind of file can't be polled; EEXIST it is registered here already; EBADF; ELOOP;
   * ENOSPC;
   *   ENOMEM; EMFILE
   * @throws {ClosedError} when this or the target is closed
   * @throws {TypeError | RangeError} for a wrong argument, or an interest that the kernel refuses
   * @see https://man7.org/linux/man-pages/man2/epoll_ctl.2.html
   */
  register(target: FdLike, interest: SharedInterest, handler?: ReadinessHandler): Registration;
  register(
    target: FdLike,
    interest: ExclusiveInterest,
    handler?: ReadinessHandler<ExclusiveRegistration>,
  ): ExclusiveRegistration;
  register(
    target: FdLike,
    interest: Interest,
    handler?: ReadinessHandler<ExclusiveRegistration>,
  ): Registration | ExclusiveRegistration;
  register(target: FdLike, interest: Interest, handler?: ReadinessHandler): Registration {
    if (handler !== undefined && typeof handler !== 'function') {
      throw new TypeError(`Cannot register as 'handler' must be a function: current value is ${describe(handler)}`);
    }
    if (this.closed) throw new ClosedError('Reactor');
    const mask = interestMask(interest, 'register');
    const fd = fdOf(target, 'target');
    return this.#list.register({ fd, target, mask, handler });
  }

  /**
   * Makes an eventfd with which other threads wake this reactor: post `waker.fd` to a worker and call
   * `Waker.from(fd).wake()` there. Wakes coalesce: several before a turn are one.
   *
   * @param onWake called on a turn after a wake; without it a wake only ends a blocking `turn`. With it, the waker
   * keeps the
   *   process alive until it is closed or `unref()`'d
   * @throws {SystemError} EMFILE, ENFILE, ENOMEM, ENOSPC
   * @throws {ClosedError} after `close()`
   */
  waker(onWake?: () => void): Waker {
    if (onWake !== undefined && typeof onWake !== 'function') {
      throw new TypeError(`Cannot make a waker as 'onWake' must be a function: current value is ${describe(onWake)}`);
    }
    if (this.closed) throw new ClosedError('Reactor');
    const counter = new EventFd();
    try {
      // Edge-triggered: each write is a new event, and nobody needs to read the counter.
      const registration = this.register(counter, { readable: true, trigger: 'edge' }, () => onWake?.());
      if (onWake === undefined) registration.unref();
      return newWaker(counter, registration);
    } catch (error) {
      counter.close();
      throw error;
    }
  }

  /**
   * Waits for events and calls their handlers, once; blocks the thread.
   *
   * Slices and deadline as `Epoll.wait`. May be called inside a handler: the events that its batch still holds stay
   * valid.
   *
   * @param timeoutMs milliseconds; 0 does not wait; for ever by default
   * @returns how many events the kernel reported; 0 when the time was over
   * @throws what a handler threw, after the whole batch, where the process has no `uncaughtException` listener
   * @throws {ClosedError} after `close()`
   * @throws {TypeError | RangeError} for a wrong timeout
   */
  turn(timeoutMs: number = Infinity): number {
    const epfd = this.fd;
    milliseconds(timeoutMs, 'timeoutMs', 'turn');
    const { forgetful } = this.#list;
    if (forgetful.empty) return this.#batch(timeoutMs, reportNow);
    const served = this.#list.serve(forgetful.wait(epfd, timeoutMs));
    if (this.closed) return served;
    return this.#batch(forgetful.empty && served === 0 ? timeoutMs : 0, reportNow) + served;
  }

  /**
   * Turns until `stop()` is called, the signal is aborted (both in a handler: nothing else runs meanwhile), the reactor
   * is closed, or no registration is left that keeps it alive. Blocks the thread: meant for a worker, where another
   * thread ends it with a waker whose handler calls `stop()`.
   *
   * `worker.terminate()` and `process.exit()` end it within 100 ms.
   *
   * @throws what a handler threw, after the whole batch, where the process has no `uncaughtException` listener; `run`
   * can be
   *   called again then, and nothing is lost
   * @throws {ClosedError} when it is closed already
   * @throws {TypeError} for a wrong option
   */
  run(options?: RunOptions): void {
    const { signal } = readRunOptions(options);
    if (this.closed) throw new ClosedError('Reactor');
    this.#stopping = false;
    while (this.#list.live && !this.#stopping && !(signal?.aborted ?? false)) this.turn();
  }

  /** Ends `run` after the batch at hand. Not for other threads: they use a waker. */
  stop(): void {
    this.#stopping = true;
  }

  /**
   * Everything about this reactor as plain data, with what the kernel has in force beside what was asked for. Not for
   * hot paths: it reads `/proc/self/fdinfo`.
   *
   * @throws {ClosedError} after `close()`
   */
  snapshot(): ReactorSnapshot {
    const fd = this.fd;
    const { attached } = this.#hostLoop;
    const { table } = this.#list;
    return { fd, attached, turns: table.turns, stale: table.stale, ...listSnapshot(fd, table.all()) };
  }

  /** Ends all registrations (waits are rejected with ClosedError) and closes the epoll descriptor. */
  override close(): void {
    if (this.closed) return;
    this.#hostLoop.detach();
    this.#list.abandonAll(new ClosedError('Reactor'));
    super.close();
  }

  // @returns whether to ask again in this turn of the loop: until all of its batches together are a full one
  #hostTurn(again: boolean): boolean {
    try {
      const count = this.#batch(0, reportLater);
      this.#taken = again ? this.#taken + count : count;
      return count > 0 && this.#taken < this.#maxevents;
    } catch (error) {
      // The descriptor was closed or replaced behind our back: it would fail on each iteration, at 100 % CPU.
      this.#hostLoop.detach();
      this.#list.abandonAll(error);
      throw error;
    }
  }

  // The batch is taken away while handlers run, so that a turn inside a handler gets one of its own.
  #batch(timeoutMs: number, report: (errors: readonly unknown[]) => void): number {
    const epfd = this.fd;
    const batch = this.#spare ?? new EventBatch(this.#maxevents);
    this.#spare = undefined;
    const count = this.#eager.wait(epfd, batch, this.#maxevents, timeoutMs);
    this.#list.beginBatch();
    const errors = count > 0 ? this.#list.table.dispatch(batch, count) : undefined;
    this.#spare = batch;
    if (count < 0) throw new SystemError(count, 'epoll_wait', { fd: epfd });
    if (errors !== undefined && errors.length > 0) report(errors);
    return count;
  }

  static {
    openFds = (reactor) => [reactor.fd, reactor.#hostLoop.watched].filter((fd) => fd >= 0);
  }
}

/** The descriptors that a reactor holds. When a worker is terminated, its parent closes them. */
export function descriptorsOf(reactor: Reactor): number[] {
  return openFds(reactor);
}
