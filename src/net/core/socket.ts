import { setImmediate } from 'node:timers/promises';
import { ClosedError } from '../../fd/closedError.ts';
import { OwnedFd } from '../../fd/ownedFd.ts';
import { pollNow } from '../../fd/pollNow.ts';
import { check, type SystemErrorSubject, SystemError } from '../../fd/systemError.ts';
import { isReadable, isWritable, readableBits, writableBits } from '../../reactor/readiness.ts';
import type { Reactor } from '../../reactor/reactor.ts';
import type { ExclusiveRegistration, Registration } from '../../reactor/registration.ts';
import { Waiters } from '../../reactor/waiters.ts';
import { describe } from '../../sys/argument.ts';
import { EPOLLERR, EPOLLHUP, EPOLLPRI, EPOLLRDHUP, SO_RCVBUF, SO_SNDBUF, SOL_SOCKET } from '../../sys/index.ts';
import { inTime, type OperationOptions } from './inTime.ts';
import { intOption, setIntOption } from './socketOption.ts';
import { threadReactor } from './threadReactor.ts';

/** Called on each readiness event of a socket, with the true event mask. */
export type SocketHandler = (readiness: number) => void;

/** @internal What drives a socket on its user's behalf: a Duplex. */
export interface SocketDriver {
  /** An event has come: what `mayRead` and `mayWrite` say is up to date. */
  ready(readiness: number): void;
  /** The socket was closed, or its reactor was: nothing will be reported any more. */
  ended(reason: unknown): void;
}

/** Which reactor a socket uses. */
export interface SocketOptions {
  /** `threadReactor()` by default. */
  readonly reactor?: Reactor;
}

/** A copy, made before anything is opened or taken over: options can be getters, and a getter can throw. */
export function socketOptions({ reactor }: SocketOptions): SocketOptions {
  return reactor === undefined ? {} : { reactor };
}

// A peer that is as fast as we are lets every operation succeed at once, and a loop of awaits then never leaves the microtasks:
// timers and other sockets would wait for ever. The same figure as in reactors of other languages, within a factor of 4.
const operationsInARow = 32;
const exceptionalBits = EPOLLERR | EPOLLHUP | EPOLLRDHUP | EPOLLPRI;
const ready = Promise.resolve();
const receiveBuffer = { level: SOL_SOCKET, option: SO_RCVBUF, name: 'receiveBufferSize' };
const sendBuffer = { level: SOL_SOCKET, option: SO_SNDBUF, name: 'sendBufferSize' };

/**
 * A non-blocking socket whose readiness is cached: the base of everything in `epoll-ts/net`.
 *
 * It is added to its reactor once, edge-triggered, when something is waited for the first time. From then on it is taken to be
 * ready until the kernel answers EAGAIN, and not ready until the kernel reports it: no epoll_ctl for each operation.
 *
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { type Socket, TcpListener, TcpStream } from 'epoll-ts/net';
 *
 * const listener = new TcpListener({ address: '127.0.0.1' });
 * const client = await TcpStream.connect({ host: '127.0.0.1', port: listener.localAddress.port });
 * await listener.untilReadable();
 * assert.ok(listener.tryAccept() !== null);
 * for (const socket of [client, listener] satisfies Socket[]) socket.close();
 * ```
 */
export abstract class Socket extends OwnedFd {
  readonly #reactor: Reactor | undefined;
  #registration: Registration | ExclusiveRegistration | undefined;
  #waiters: Waiters | undefined;
  #handler: SocketHandler | undefined;
  #driver: SocketDriver | undefined;
  #driverWaits = false;
  #mayRead = true;
  #mayWrite = true;
  #exceptional = false;
  #refed = true;
  #inARow = 0;

  /** @param owned false for a descriptor that someone else closes */
  protected constructor(fd: number, { reactor }: SocketOptions, origin?: Function | string, owned = true) {
    super(fd, owned, origin);
    this.#reactor = reactor;
  }

  /**
   * Called on each readiness event, for programs that do without promises: read and write in it until they answer `null`. Keeps
   * the process alive while it is set. What it throws is reported as any uncaught exception is.
   *
   * @throws {ClosedError} (at setting) after `close()`
   * @throws {SystemError} (at setting) EMFILE, ENOMEM, ENOSPC when the reactor can't take the socket
   */
  get onReadiness(): SocketHandler | undefined {
    return this.#handler;
  }

  set onReadiness(handler: SocketHandler | undefined) {
    if (handler !== undefined && typeof handler !== 'function') {
      throw new TypeError(`Cannot use 'onReadiness' as it must be a function: current value is ${describe(handler)}`);
    }
    if (handler !== undefined) this.join();
    this.#handler = handler;
    this.#updateRef();
  }

  /**
   * Resolves when a read, or an accept, would not wait: also at the end, and where it would fail. Nothing is taken.
   *
   * @throws {ClosedError} (as a rejection) when the socket or its reactor is closed
   * @throws {SystemError} (as a rejection) EMFILE, ENOMEM, ENOSPC when the reactor can't take the socket; ENOMEM of poll(2)
   * @throws {TypeError | RangeError} (as a rejection) for a wrong timeout
   */
  async untilReadable(options: OperationOptions = {}): Promise<void> {
    await inTime(options, (signal) => this.#untilReady(readableBits, signal));
  }

  /** Resolves when a write would not wait. Rejections as `untilReadable`. */
  async untilWritable(options: OperationOptions = {}): Promise<void> {
    await inTime(options, (signal) => this.#untilReady(writableBits, signal));
  }

  /** Has what waits for this socket keep the process alive (the state after creation). */
  ref(): this {
    this.#refed = true;
    this.#updateRef();
    return this;
  }

  /** Lets the process end although something waits for this socket. */
  unref(): this {
    this.#refed = false;
    this.#updateRef();
    return this;
  }

  /**
   * SO_RCVBUF, in bytes. The kernel doubles what is set, and caps it at net.core.rmem_max. A TCP listener's is that of the
   * connections that it accepts; a unix socket does not use it: what was sent counts in the sender's buffer.
   *
   * @throws {ClosedError | SystemError | TypeError | RangeError}
   */
  get receiveBufferSize(): number {
    return intOption(this.fd, receiveBuffer);
  }

  set receiveBufferSize(bytes: number) {
    setIntOption(this.fd, receiveBuffer, bytes);
  }

  /** SO_SNDBUF, in bytes. The kernel doubles what is set, and caps it at net.core.wmem_max. @throws {ClosedError | SystemError | TypeError | RangeError} */
  get sendBufferSize(): number {
    return intOption(this.fd, sendBuffer);
  }

  set sendBufferSize(bytes: number) {
    setIntOption(this.fd, sendBuffer, bytes);
  }

  /** @throws as `OwnedFd.close`; what waits is rejected with ClosedError. */
  override close(): void {
    if (this.closed) return;
    // Told last, when the descriptor is closed, and with this reason, not with that of the registration.
    const driver = this.#driver;
    this.#driver = undefined;
    // An error costs more than all the rest of this.
    const reason = driver !== undefined || this.#waiting ? new ClosedError(this.constructor.name) : undefined;
    if (reason !== undefined) this.#waiters?.fail(reason);
    try {
      super.close();
    } finally {
      driver?.ended(reason);
    }
  }

  protected override giveAway(): number {
    this.#waiters?.fail(new ClosedError(this.constructor.name));
    return super.giveAway();
  }

  /**
   * @internal Lets `take` have the descriptor, and closes this object when it does not throw. All that this thread does with the
   * number is done before `take`: what took it can have another thread close it, and the number be another file, at once.
   */
  handOver(take: (fd: number) => void): void {
    this.leaveWatchers();
    take(this.fd);
    this.giveAway();
  }

  /** false: the kernel has said EAGAIN, and nothing since. */
  protected get mayRead(): boolean {
    return this.#mayRead;
  }

  protected get mayWrite(): boolean {
    return this.#mayWrite;
  }

  /** Called when an awaited operation succeeded without waiting: has the event loop turn after some in a row. */
  protected atOnce(): Promise<void> | undefined {
    if (++this.#inARow < operationsInARow) return undefined;
    this.#inARow = 0;
    return setImmediate();
  }

  /** The next read asks the kernel: an event that says so may be on its way. */
  protected readAnyway(): void {
    this.#mayRead = true;
  }

  /** The kernel has answered EAGAIN to a read. Where no reactor will tell of a change, the next try asks again. */
  protected drained(): void {
    this.#mayRead = this.#registration === undefined;
  }

  /**
   * A read of bytes gave less than there was room for: nothing is left, as if the next one had answered EAGAIN (epoll(7), Q9).
   * Not after an event that told of more than bytes: the end and an error are read behind the last byte, and a read stops
   * where urgent data was.
   */
  protected drainedByShortRead(): void {
    if (!this.#exceptional) this.drained();
  }

  /** The kernel has answered EAGAIN to a write. */
  protected filled(): void {
    this.#mayWrite = this.#registration === undefined;
  }

  /** Resolves when a read might not wait: an event has come since `drained()`. */
  protected waitToRead(signal: AbortSignal | undefined): Promise<unknown> {
    return this.#wait(readableBits, signal);
  }

  protected waitToWrite(signal: AbortSignal | undefined): Promise<unknown> {
    return this.#wait(writableBits, signal);
  }

  /** The error of a failed call on this socket. */
  protected failed(answer: number, syscall: string, advice = ''): SystemError {
    return new SystemError(answer, syscall, { fd: this.fd, ...this.#named() }, advice);
  }

  // A number that someone else has closed can't be named: what failed is told, not that.
  #named(): SystemErrorSubject {
    try {
      return this.subject;
    } catch (error) {
      if (error instanceof SystemError) return {};
      throw error;
    }
  }

  /** What errors name besides the descriptor. */
  protected get subject(): SystemErrorSubject {
    return {};
  }

  /** How the socket is added to its reactor: for everything, edge-triggered. */
  protected register(reactor: Reactor, handler: (readiness: number) => void): Registration | ExclusiveRegistration {
    return reactor.register(this, { readable: true, writable: true, readHangup: true, trigger: 'edge' }, handler);
  }

  // What was not tried yet may be ready; here it must be. It has joined before it is asked, so that nothing comes in between.
  #untilReady(bits: number, signal: AbortSignal | undefined): Promise<unknown> {
    signal?.throwIfAborted();
    this.join();
    const { fd } = this;
    const reads = bits === readableBits;
    if ((reads ? this.#mayRead : this.#mayWrite) && check(pollNow(fd, bits), 'poll', { fd }) === 0) {
      if (reads) this.drained();
      else this.filled();
    }
    return this.#wait(bits, signal);
  }

  #wait(bits: number, signal: AbortSignal | undefined): Promise<unknown> {
    // An abort that came since the last wait would not be heard any more.
    signal?.throwIfAborted();
    this.join();
    if (bits === readableBits ? this.#mayRead : this.#mayWrite) return ready;
    this.#inARow = 0;
    const waiters = (this.#waiters ??= new Waiters());
    const wait = waiters.wait(bits, signal, () => this.#updateRef());
    this.#updateRef();
    return wait;
  }

  /** @internal Has a driver told of each event. It waits for none yet, so that it does not keep the process alive. */
  drive(driver: SocketDriver): void {
    this.#driver = driver;
  }

  /** @internal Whether the driver waits for an event: the socket joins its reactor, and keeps the process alive. */
  driverWaits(waits: boolean): void {
    if (waits) this.join();
    if (this.#driverWaits === waits) return;
    this.#driverWaits = waits;
    this.#updateRef();
  }

  /** Joins the reactor, if it was not done before: from then on EAGAIN is remembered until an event comes. */
  protected join(): void {
    if (this.closed) throw new ClosedError(this.constructor.name);
    if (this.#registration !== undefined) return;
    const registration = this.register(this.#reactor ?? threadReactor(), (readiness) => this.#ready(readiness));
    registration.onEnd = (reason) => this.#ended(reason);
    this.#registration = registration;
    if (this.joinsToWait) {
      // What is there already is reported to a new entry, and whoever joins waits: it must not leave before that.
      [this.#mayRead, this.#mayWrite] = [false, false];
    } else {
      this.#updateRef();
    }
  }

  /** Whether it is in its reactor only while something waits for it: an entry there takes wakeups that others wait for. */
  protected get joinsToWait(): boolean {
    return false;
  }

  #leave(): void {
    const registration = this.#registration;
    if (registration === undefined) return;
    this.#registration = undefined;
    [this.#mayRead, this.#mayWrite] = [true, true];
    registration.onEnd = undefined;
    registration.close();
  }

  #ready(readiness: number): void {
    if (isReadable(readiness)) this.#mayRead = true;
    if (isWritable(readiness)) this.#mayWrite = true;
    if ((readiness & exceptionalBits) !== 0) this.#exceptional = true;
    if (this.#waiting) {
      this.#waiters?.settle(readiness);
      this.#updateRef();
    }
    this.#driver?.ready(readiness);
    this.#handler?.(readiness);
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

  // An idle socket does not keep the process alive: only what waits for it does.
  #updateRef(): void {
    const waiting = this.#handler !== undefined || this.#driverWaits || this.#waiting;
    if (!waiting && this.joinsToWait) this.#leave();
    else if (this.#refed && waiting) this.#registration?.ref();
    else this.#registration?.unref();
  }
}
