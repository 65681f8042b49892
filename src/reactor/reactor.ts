import { setImmediate } from 'node:timers';
import { created } from '../fd/advice.ts';
import { ClosedError } from '../fd/closedError.ts';
import { EagerWait } from '../fd/eagerWait.ts';
import { EventFd } from '../fd/eventFd.ts';
import { epollCtlAdvice } from '../fd/epollCtlAdvice.ts';
import { type FdLike, fdOf } from '../fd/fdLike.ts';
import { milliseconds } from '../fd/milliseconds.ts';
import { type FdWatcher, OwnedFd, unwatchOwnedFd, watchOwnedFd } from '../fd/ownedFd.ts';
import { SystemError } from '../fd/systemError.ts';
import { describe } from '../sys/argument.ts';
import { epollCtlHalves } from '../sys/epoll.ts';
import { EventBatch } from '../sys/eventBatch.ts';
import { EPOLL_CLOEXEC, EPOLL_CTL_ADD, EPOLL_CTL_DEL, epoll_create1, EPOLLPRI } from '../sys/index.ts';
import { monotonicMs } from '../sys/monotonicMs.ts';
import { consumedByPoll } from './consumedByPoll.ts';
import { DirectEntries, type DirectPair } from './directEntries.ts';
import { DirectEntry } from './directEntry.ts';
import { reportLater, reportNow } from './handlerErrors.ts';
import { HostLoop } from './hostLoop.ts';
import { type ExclusiveInterest, type Interest, interestMask, type SharedInterest } from './interest.ts';
import { type ExclusiveRegistration, type ReadinessHandler, Registration } from './registration.ts';
import type { RegistrationHost } from './registrationHost.ts';
import { RegistrationTable } from './registrationTable.ts';
import { listSnapshot, type ReactorSnapshot } from './snapshot.ts';
import { type ReactorOptions, readReactorOptions, readRunOptions, type RunOptions } from './reactorOptions.ts';
import { Waker } from './waker.ts';

/**
 * Calls handlers when descriptors are ready: in the host's event loop, or blocking in a thread of its own.
 *
 * Attached (which happens with the first registration), it costs nothing while idle, and keeps the process alive while a
 * registration does. Promises and `process.nextTick` that handlers start run when the batch of events is through, in the
 * same iteration of the loop. `run` and `turn` block instead: promises, timers and other I/O of the thread wait meanwhile.
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
export class Reactor extends OwnedFd implements FdWatcher, RegistrationHost {
  readonly #table = new RegistrationTable();
  #live = 0;
  #generation = 0;
  readonly #maxevents: number;
  #spare: EventBatch | undefined;
  readonly #hostLoop: HostLoop;
  readonly #eager = new EagerWait();
  readonly #directs = new DirectEntries();
  #taken = 0; // events in this turn of the host's loop
  #stopping = false;
  #detaching = false;
  #batchMs = -1; // the time of the batch at hand, once somebody has asked
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
  }

  /**
   * Watches a descriptor.
   *
   * An object of ours leaves the reactor when it is closed. A plain number must not be closed before its registration is.
   * For edge-triggered use the descriptor must be non-blocking; ours are.
   *
   * @param target a number, or an object with one as `fd`; borrowed
   * @param interest what for, and how
   * @param handler called for each event; without one, await the registration
   * @throws {SystemError} EPERM this kind of file can't be polled; EEXIST it is registered here already; EBADF; ELOOP; ENOSPC;
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
    const owned = target instanceof OwnedFd ? target : undefined;
    const registration = new Registration(this, { fd, target: owned, mask, handler });
    // The kernel took a new entry for this number, so the file of an older registration is gone from it.
    this.#table.get(fd)?.abandon(new ClosedError('Registration'), false);
    this.#table.add(registration);
    if (owned !== undefined) watchOwnedFd(owned, this);
    try {
      // Last: a bad descriptor that reached the host's loop would abort the process; epoll_ctl has just proved this one.
      this.#hostLoop.attach();
    } catch (error) {
      registration.close();
      throw error;
    }
    return registration;
  }

  /**
   * Makes an eventfd with which other threads wake this reactor: post `waker.fd` to a worker and call `Waker.from(fd).wake()`
   * there. Wakes coalesce: several before a turn are one.
   *
   * @param onWake called on a turn after a wake; without it a wake only ends a blocking `turn`. With it, the waker keeps the
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
      return new Waker(counter, registration);
    } catch (error) {
      counter.close();
      throw error;
    }
  }

  /**
   * Waits for events and calls their handlers, once; blocks the thread.
   *
   * Slices and deadline as `Epoll.wait`. May be called inside a handler: the events that its batch still holds stay valid.
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
    if (this.#directs.empty) return this.#batch(timeoutMs, reportNow);
    const direct = this.#directTurn(this.#directs.wait(epfd, timeoutMs), reportNow);
    if (this.closed) return direct;
    return this.#batch(this.#directs.empty && direct === 0 ? timeoutMs : 0, reportNow) + direct;
  }

  /**
   * Turns until `stop()` is called, the signal is aborted (both in a handler: nothing else runs meanwhile), the reactor is
   * closed, or no registration is left that keeps it alive. Blocks the thread: meant for a worker, where another thread ends
   * it with a waker whose handler calls `stop()`.
   *
   * `worker.terminate()` and `process.exit()` end it within 100 ms.
   *
   * @throws what a handler threw, after the whole batch, where the process has no `uncaughtException` listener; `run` can be
   *   called again then, and nothing is lost
   * @throws {ClosedError} when it is closed already
   * @throws {TypeError} for a wrong option
   */
  run(options?: RunOptions): void {
    const { signal } = readRunOptions(options);
    if (this.closed) throw new ClosedError('Reactor');
    this.#stopping = false;
    while (this.#live > 0 && !this.#stopping && !(signal?.aborted ?? false)) this.turn();
  }

  /** Ends `run` after the batch at hand. Not for other threads: they use a waker. */
  stop(): void {
    this.#stopping = true;
  }

  /**
   * Everything about this reactor as plain data, with what the kernel has in force beside what was asked for. Not for hot
   * paths: it reads `/proc/self/fdinfo`.
   *
   * @throws {ClosedError} after `close()`
   */
  snapshot(): ReactorSnapshot {
    const fd = this.fd;
    const { attached } = this.#hostLoop;
    const { turns, stale } = this.#table;
    return { fd, attached, turns, stale, ...listSnapshot(fd, this.#table.all()) };
  }

  /** @internal What it has open in the process: whoever outlives a thread that is terminated closes them. */
  get descriptors(): readonly number[] {
    return [this.fd, this.#hostLoop.watched].filter((fd) => fd >= 0);
  }

  /** Ends all registrations (waits are rejected with ClosedError) and closes the epoll descriptor. */
  override close(): void {
    if (this.closed) return;
    this.#hostLoop.detach();
    for (const registration of this.#table.all()) registration.abandon(new ClosedError('Reactor'), false);
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
      for (const registration of this.#table.all()) registration.abandon(error, false);
      throw error;
    }
  }

  // The batch is taken away while handlers run, so that a turn inside a handler gets one of its own.
  #batch(timeoutMs: number, report: (errors: readonly unknown[]) => void): number {
    const epfd = this.fd;
    const batch = this.#spare ?? new EventBatch(this.#maxevents);
    this.#spare = undefined;
    const count = this.#eager.wait(epfd, batch, this.#maxevents, timeoutMs);
    this.#batchMs = -1;
    const errors = count > 0 ? this.#table.dispatch(batch, count) : undefined;
    this.#spare = batch;
    if (count < 0) throw new SystemError(count, 'epoll_wait', { fd: epfd });
    if (errors !== undefined && errors.length > 0) report(errors);
    return count;
  }

  /** @internal */
  control(registration: Registration, op: number, events: number): void {
    const { direct, fd } = registration;
    // A getter of an interest or of an AbortSignal may have closed it: the number may be another registration's by now.
    if (registration.closed) throw new ClosedError('Registration');
    if (direct !== undefined) {
      direct.change(events >>> 0);
      return direct.rearmed();
    }
    const consumed = (events & EPOLLPRI) === 0 ? 0 : consumedByPoll(fd);
    if (consumed === 0) this.#control(registration, op, events);
    else this.#direct(registration, op, events, consumed);
  }

  // On its own, as V8 makes the memory of the closure when the function is entered: some 50 bytes for each `rearm` on Node 26.
  #direct(registration: Registration, op: number, events: number, consumed: number): void {
    const onReady = (): void => void this.#directTurn([[entry, registration]], reportLater);
    const entry = new DirectEntry(registration.fd, { mask: events >>> 0, consumed, onReady });
    // A `modify` that asks for EPOLLPRI moves the registration there.
    if (op !== EPOLL_CTL_ADD) this.drop(registration);
    registration.moveTo(entry);
    this.#directs.add(entry, registration);
  }

  #control(registration: Registration, op: number, events: number): void {
    const { fd } = registration;
    const epfd = super.fd; // a child class's own would go to C unchecked
    // Signed: V8 holds it without an object of its own.
    const generation = (this.#generation + 1) | 0;
    const answer = epollCtlHalves(epfd, op, fd, events, fd, generation);
    if (answer < 0) {
      const call = { epfd, op, fd, events: events >>> 0 };
      throw new SystemError(answer, 'epoll_ctl', { fd }, epollCtlAdvice(answer, call));
    }
    this.#generation = generation;
    registration.generation = generation;
  }

  #directTurn(ready: readonly DirectPair[], report: (errors: readonly unknown[]) => void): number {
    const errors: unknown[] = [];
    this.#batchMs = -1;
    for (const [entry, registration] of ready) {
      if (registration.closed) continue;
      // What comes while it is disarmed is kept until it is armed again.
      if (!registration.armed) continue;
      const readiness = entry.take();
      try {
        registration.deliver(readiness);
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) report(errors);
    return ready.length;
  }

  /** @internal */
  nowMs(): number {
    return this.#batchMs < 0 ? (this.#batchMs = monotonicMs()) : this.#batchMs;
  }

  /** @internal */
  drop(registration: Registration): void {
    // The answer does not matter: ENOENT or EBADF where the descriptor was closed first.
    epollCtlHalves(super.fd, EPOLL_CTL_DEL, registration.fd, 0, 0, 0);
  }

  /** @internal */
  remove(registration: Registration, listed: boolean): void {
    const { target, direct } = registration;
    if (target !== undefined) unwatchOwnedFd(target, this);
    this.#table.remove(registration);
    if (direct !== undefined) this.#directs.close(direct);
    else if (listed) this.drop(registration);
    if (!this.#table.empty || this.#detaching || !this.#hostLoop.attached) return;
    // Not at once: a program that registers one descriptor after another would attach and detach each time.
    this.#detaching = true;
    setImmediate(() => {
      this.#detaching = false;
      if (this.#table.empty) this.#hostLoop.detach();
    });
  }

  /** @internal */
  liveChanged(by: 1 | -1): void {
    this.#live += by;
    if (this.#live === 0) this.#hostLoop.keepAlive(false);
    else if (this.#live === 1 && by === 1) this.#hostLoop.keepAlive(true);
  }

  /** @internal An object that is registered is about to be closed. */
  release(target: OwnedFd, fd: number): void {
    const registration = this.#table.get(fd);
    if (registration?.target === target) registration.close();
  }
}
