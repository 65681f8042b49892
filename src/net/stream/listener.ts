import { ClosedError } from '../../fd/closedError.ts';
import { creationAdvice } from '../../fd/advice.ts';
import { pollNow } from '../../fd/pollNow.ts';
import { eachOf } from '../../reactor/eachOf.ts';
import type { Reactor } from '../../reactor/reactor.ts';
import type { ExclusiveRegistration, Registration } from '../../reactor/registration.ts';
import {
  accept4,
  EAGAIN,
  POLLIN,
  type Sockaddr,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SockaddrBuffer,
} from '../../sys/index.ts';
import { aBoolean } from '../../sys/optionKind.ts';
import type { OptionKinds } from '../../sys/optionsReader.ts';
import type { OperationOptions } from '../core/deadline.ts';
import { around } from '../core/madeSocket.ts';
import { socketKinds } from '../core/optionKinds.ts';
import { Socket, type SocketOptions } from '../core/socket.ts';
import { isExhausted, isPassing } from './acceptAnswer.ts';
import { AcceptPause } from './acceptPause.ts';

/** How a listener shares its socket. */
export interface ListenerOptions extends SocketOptions {
  /**
   * EPOLLEXCLUSIVE: of all the threads and processes that wait for this socket so, a connection wakes one or more, not
   * all. Only those that block in `Reactor.run` or `turn`: a reactor in Node's event loop is woken each time
   * (docs/threads.md).
   */
  readonly exclusive?: boolean;
}

/** The options of every listener. */
export const listenerKinds: OptionKinds<ListenerOptions> = { ...socketKinds, exclusive: aBoolean };

/** A copy, as `socketOptions` makes one. */
export function listenerOptions({ reactor, exclusive }: ListenerOptions): ListenerOptions {
  return { ...(reactor === undefined ? {} : { reactor }), ...(exclusive === undefined ? {} : { exclusive }) };
}

// As many as a queue holds, unless net.core.somaxconn was raised (4096 since Linux 5.4).
const mostPassing = 4096;
const peer = new SockaddrBuffer();

/**
 * A socket that connections come to: what `TcpListener` and `UnixListener` have in common.
 *
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { type ByteStream, type Listener, TcpListener } from 'epoll-ts/net';
 *
 * async function first(listener: Listener<ByteStream>): Promise<ByteStream> {
 *   return listener.accept({ timeoutMs: 10 });
 * }
 * const listener = new TcpListener({ address: '127.0.0.1' });
 * await assert.rejects(first(listener), { name: 'TimeoutError' });
 * listener.close();
 * ```
 */
export abstract class Listener<S extends object> extends Socket {
  readonly #exclusive: boolean;
  readonly #pause = new AcceptPause();

  protected constructor(fd: number, options: ListenerOptions, origin?: Function, owned = true) {
    super(fd, options, origin, owned);
    this.#exclusive = options.exclusive ?? false;
  }

  /** @internal Makes the object for an accepted connection, which owns it. */
  protected abstract adopt(fd: number, from: Sockaddr | null): S;

  protected override register(
    reactor: Reactor,
    handler: (readiness: number) => void,
  ): Registration | ExclusiveRegistration {
    return this.#exclusive
      ? reactor.register(this, { readable: true, exclusive: true, trigger: 'edge' }, handler)
      : reactor.register(this, { readable: true, trigger: 'edge' }, handler);
  }

  // Of those who wait the kernel wakes one: that must not be a thread in which nobody waits for this listener.
  protected override get joinsToWait(): boolean {
    return this.#exclusive;
  }

  /**
   * Takes a connection.
   *
   * @returns null where there is none
   * @throws {ClosedError} after `close()`
   * @throws {SystemError} EMFILE, ENFILE, ENOBUFS, ENOMEM: the connection stays in the queue: try again when something
   *   was closed (no event tells); `accept` does that by itself
   * @throws {SystemError} EPERM and what else accept(2) answers for a connection that has gone, when it came 4096 times
   *   in a row
   * @see https://man7.org/linux/man-pages/man2/accept4.2.html
   */
  tryAccept(): S | null {
    const answer = this.#take();
    if (typeof answer !== 'number') return answer;
    throw this.failed(answer, 'accept4', creationAdvice(answer));
  }

  /** @internal As `tryAccept`, for the last time: asks for what came without an event so far. */
  tryAcceptLast(): S | null {
    this.readiness.readAnyway();
    return this.tryAccept();
  }

  // The connection, null where there is none, or -errno.
  #take(): S | null | number {
    const { fd } = this;
    for (let refused = 0; this.readiness.mayRead;) {
      const answer = this.#accept(fd);
      if (answer >= 0) return around(answer, () => this.adopt(answer, peer.decode()));
      if (answer === -EAGAIN) {
        this.readiness.drained();
        this.#pause.caughtUp();
        return null;
      }
      // A sandbox that answers EPERM to each call is no queue of connections that have gone: this would never end.
      if (!isPassing(answer) || ++refused === mostPassing) return answer;
    }
    return null;
  }

  // accept4(2) has no MSG_DONTWAIT, and O_NONBLOCK is the open file's: a child that has it as its stdin clears it for
  // everybody.
  #accept(fd: number): number {
    const ready = pollNow(fd, POLLIN);
    if (ready <= 0) return ready === 0 ? -EAGAIN : ready;
    return accept4(fd, peer, SOCK_CLOEXEC | SOCK_NONBLOCK);
  }

  /**
   * Waits for a connection. Where the process or the system has no descriptor left, it waits and asks again every 50
   * ms, warns once, and goes on as soon as there is one: no connection is lost, and nothing spins. So too where
   * thousands are refused in a row.
   *
   * @throws (as a rejection) {ClosedError} when the listener or its reactor is closed
   * @throws (as a rejection) the signal's reason, or a TimeoutError: no connection was taken then
   * @throws (as a rejection) {SystemError} EBADF, EINVAL
   */
  async accept(options: OperationOptions = {}): Promise<S> {
    return this.within(options, 'accept', (signal) => this.#next(signal));
  }

  async #next(signal: AbortSignal | undefined): Promise<S> {
    for (;;) {
      if (this.#pause.on) {
        await this.#pause.over(signal);
        continue;
      }
      const answer = this.#take();
      if (answer === null) await this.readiness.waitToRead(signal);
      else if (typeof answer !== 'number') {
        if (this.readiness.budget.spend()) await this.readiness.budget.rest();
        return answer;
      } else if (isExhausted(answer) || isPassing(answer)) this.#pause.begin(answer, this.fd);
      else throw this.failed(answer, 'accept4');
    }
  }

  /** Each connection in turn. Ends when the listener is closed; leaving the loop does not close it. */
  [Symbol.asyncIterator](): AsyncIterableIterator<S> {
    return eachOf((signal) => this.#next(signal));
  }

  override ref(): this {
    this.#pause.keepAlive(true);
    return super.ref();
  }

  override unref(): this {
    this.#pause.keepAlive(false);
    return super.unref();
  }

  /**
   * Connections that wait to be accepted are reset by the kernel, where no other descriptor of the socket is open.
   *
   * @throws as `OwnedFd.close`
   */
  override close(): void {
    if (this.closed) return;
    this.#pause.fail(new ClosedError(this.constructor.name));
    super.close();
  }

  protected override giveAway(): number {
    this.#pause.fail(new ClosedError(this.constructor.name));
    return super.giveAway();
  }
}
