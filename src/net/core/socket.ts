import { OwnedFd } from '../../fd/ownedFd.ts';
import { SystemError, type SystemErrorSubject } from '../../fd/systemError.ts';
import type { Reactor } from '../../reactor/reactor.ts';
import type { ExclusiveRegistration, Registration } from '../../reactor/registration.ts';
import { describe } from '../../sys/argument.ts';
import { SO_RCVBUF, SO_SNDBUF, SOL_SOCKET } from '../../sys/index.ts';
import { CachedReadiness, type ReadinessEntry, type SocketHandler } from './cachedReadiness.ts';
import { type OperationOptions, withDeadline } from './deadline.ts';
import { readOperation } from './optionKinds.ts';
import { intOption, setIntOption } from './socketOption.ts';

/** Which reactor a socket uses. */
export interface SocketOptions {
  /** `threadReactor()` by default. */
  readonly reactor?: Reactor;
}

/** A copy, made before anything is opened or taken over: options can be getters, and a getter can throw. */
export function socketOptions({ reactor }: SocketOptions): SocketOptions {
  return reactor === undefined ? {} : { reactor };
}

const receiveBuffer = { level: SOL_SOCKET, option: SO_RCVBUF, name: 'receiveBufferSize' };
const sendBuffer = { level: SOL_SOCKET, option: SO_SNDBUF, name: 'sendBufferSize' };

let entry: ReadinessEntry<Socket>;
let give: (socket: Socket, take: (fd: number) => void) => void;
let failureOf: (socket: Socket, answer: number, syscall: string, advice?: string) => SystemError;

/**
 * A non-blocking socket whose readiness is cached: the base of everything in `epoll-ts/net`.
 *
 * It is added to its reactor once, edge-triggered, when something is waited for the first time. From then on it is
 * taken to be ready until the kernel answers EAGAIN, and not ready until the kernel reports it: no epoll_ctl for each
 * operation.
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
  /** @internal What the kernel has said, who waits for more, and what is left of this turn's budget. */
  protected readonly readiness: CachedReadiness;

  /** @param owned false for a descriptor that someone else closes */
  protected constructor(fd: number, { reactor }: SocketOptions, origin?: Function | string, owned = true) {
    super(fd, owned, origin);
    this.readiness = new CachedReadiness<Socket>(this, reactor, entry);
  }

  /**
   * Called on each readiness event, for programs that do without promises: read and write in it until they answer
   * `null`. Keeps the process alive while it is set. What it throws is reported as any uncaught exception is.
   *
   * @throws {ClosedError} (at setting) after `close()`
   * @throws {SystemError} (at setting) EMFILE, ENOMEM, ENOSPC when the reactor can't take the socket
   */
  get onReadiness(): SocketHandler | undefined {
    return this.readiness.handler;
  }

  set onReadiness(handler: SocketHandler | undefined) {
    if (handler !== undefined && typeof handler !== 'function') {
      throw new TypeError(`Cannot use 'onReadiness' as it must be a function: current value is ${describe(handler)}`);
    }
    this.readiness.handler = handler;
  }

  /**
   * Resolves when a read, or an accept, would not wait: also at the end, and where it would fail. Nothing is taken.
   *
   * @throws {ClosedError} (as a rejection) when the socket or its reactor is closed
   * @throws {SystemError} (as a rejection) EMFILE, ENOMEM, ENOSPC when the reactor can't take the socket; ENOMEM of
   *   poll(2)
   * @throws {TypeError | RangeError} (as a rejection) for a wrong timeout
   * @throws (as a rejection) the signal's reason, or a TimeoutError
   */
  async untilReadable(options: OperationOptions = {}): Promise<void> {
    await this.within(options, 'poll', (signal) => this.readiness.untilReadable(signal));
  }

  /** Resolves when a write would not wait. Rejections as `untilReadable`. */
  async untilWritable(options: OperationOptions = {}): Promise<void> {
    await this.within(options, 'poll', (signal) => this.readiness.untilWritable(signal));
  }

  /** Has what waits for this socket keep the process alive (the state after creation). */
  ref(): this {
    this.readiness.keepAlive(true);
    return this;
  }

  /** Lets the process end although something waits for this socket. */
  unref(): this {
    this.readiness.keepAlive(false);
    return this;
  }

  /**
   * SO_RCVBUF, in bytes. The kernel doubles what is set, and caps it at net.core.rmem_max. A TCP listener's is that of
   * the connections that it accepts; a unix socket does not use it: what was sent counts in the sender's buffer.
   *
   * @throws {ClosedError | SystemError | TypeError | RangeError}
   */
  get receiveBufferSize(): number {
    return intOption(this.fd, receiveBuffer);
  }

  set receiveBufferSize(bytes: number) {
    setIntOption(this.fd, receiveBuffer, bytes);
  }

  /**
   * SO_SNDBUF, in bytes. The kernel doubles what is set, and caps it at net.core.wmem_max.
   *
   * @throws {ClosedError | SystemError | TypeError | RangeError}
   */
  get sendBufferSize(): number {
    return intOption(this.fd, sendBuffer);
  }

  set sendBufferSize(bytes: number) {
    setIntOption(this.fd, sendBuffer, bytes);
  }

  /** @throws as `OwnedFd.close`; what waits is rejected with ClosedError. */
  override close(): void {
    if (this.closed) return;
    const tellDriver = this.readiness.closing();
    try {
      super.close();
    } finally {
      // When the descriptor is closed: what it does then may look at that.
      tellDriver?.();
    }
  }

  protected override giveAway(): number {
    this.readiness.closing();
    return super.giveAway();
  }

  /** @internal Runs an operation on this socket until its time is over; `syscall` is what a TimeoutError names. */
  protected async within<T>(
    options: OperationOptions,
    syscall: string,
    run: (signal: AbortSignal | undefined) => Promise<T>,
  ): Promise<T> {
    return withDeadline(readOperation(options), () => ({ syscall, subject: this.#known }), run);
  }

  /** @internal Takes what comes: at once where it is there, else when the kernel says that it may be. */
  protected async untilTaken<T>(take: () => T | null, signal: AbortSignal | undefined): Promise<T> {
    for (;;) {
      const taken = take();
      if (taken !== null) {
        if (this.readiness.budget.spend()) await this.readiness.budget.rest();
        return taken;
      }
      await this.readiness.waitToRead(signal);
    }
  }

  /** @internal The error of a failed call on this socket. */
  protected failed(answer: number, syscall: string, advice = ''): SystemError {
    return new SystemError(answer, syscall, this.#known, advice);
  }

  // A socket that is closed, or whose number someone else has closed, can't be named: what failed is told, not that.
  get #known(): SystemErrorSubject {
    if (this.closed) return {};
    try {
      return { fd: this.fd, ...this.subject };
    } catch (error) {
      if (error instanceof SystemError) return { fd: this.fd };
      throw error;
    }
  }

  /** @internal What errors name besides the descriptor. */
  protected get subject(): SystemErrorSubject {
    return {};
  }

  /** @internal How the socket is added to its reactor: for everything, edge-triggered. */
  protected register(reactor: Reactor, handler: SocketHandler): Registration | ExclusiveRegistration {
    return reactor.register(this, { readable: true, writable: true, readHangup: true, trigger: 'edge' }, handler);
  }

  /**
   * @internal Whether it is in its reactor only while something waits for it: an entry there takes wakeups that others
   *   wait for.
   */
  protected get joinsToWait(): boolean {
    return false;
  }

  static {
    // Protected members, for the readiness alone.
    entry = {
      register: (socket, reactor, handler) => socket.register(reactor, handler),
      joinsToWait: (socket) => socket.joinsToWait,
    };
    failureOf = (socket, answer, syscall, advice) => socket.failed(answer, syscall, advice);
    give = (socket, take) => {
      socket.leaveWatchers();
      take(socket.fd);
      socket.giveAway();
    };
  }
}

/**
 * Lets `take` have the descriptor of a socket, and closes the object when it does not throw. All that this thread does
 * with the number is done before `take`: what took it can have another thread close it, and the number be another file,
 * at once.
 */
export function handOver(socket: Socket, take: (fd: number) => void): void {
  give(socket, take);
}

/** The error of a failed call on a socket, which names whom the socket is connected to. */
export function socketFailure(socket: Socket, answer: number, syscall: string, advice?: string): SystemError {
  return failureOf(socket, answer, syscall, advice);
}
