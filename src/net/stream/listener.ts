import { clearTimeout, setTimeout } from 'node:timers';
import { ClosedError } from '../../fd/closedError.ts';
import { creationAdvice } from '../../fd/advice.ts';
import { SystemError } from '../../fd/systemError.ts';
import { readableBits } from '../../reactor/readiness.ts';
import type { Reactor } from '../../reactor/reactor.ts';
import type { ExclusiveRegistration, Registration } from '../../reactor/registration.ts';
import { Waiters } from '../../reactor/waiters.ts';
import {
  accept4,
  EAGAIN,
  ECONNABORTED,
  EHOSTDOWN,
  EHOSTUNREACH,
  EINTR,
  EMFILE,
  ENETDOWN,
  ENETUNREACH,
  ENFILE,
  ENOBUFS,
  ENOMEM,
  ENONET,
  ENOPROTOOPT,
  EPERM,
  EPROTO,
  type Sockaddr,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SockaddrBuffer,
} from '../../sys/index.ts';
import { inTime, type OperationOptions } from '../core/inTime.ts';
import { around } from '../core/madeSocket.ts';
import { Socket, type SocketOptions } from '../core/socket.ts';

/** How a listener shares its socket. */
export interface ListenerOptions extends SocketOptions {
  /**
   * EPOLLEXCLUSIVE: of all the threads and processes that wait for this socket so, a connection wakes one or more, not all. Only
   * those that block in `Reactor.run` or `turn`: a reactor in Node's event loop is woken each time (docs/threads.md).
   */
  readonly exclusive?: boolean;
}

/** A copy, as `socketOptions` makes one. */
export function listenerOptions({ reactor, exclusive }: ListenerOptions): ListenerOptions {
  return { ...(reactor === undefined ? {} : { reactor }), ...(exclusive === undefined ? {} : { exclusive }) };
}

// What accept(2) answers for a connection that has gone, or that a firewall refuses: the next one may be there.
const passing: ReadonlySet<number> = new Set(
  [EINTR, ECONNABORTED, EPERM, EPROTO, ENETDOWN, ENOPROTOOPT, EHOSTDOWN, ENONET, EHOSTUNREACH, ENETUNREACH].map(
    (errno) => -errno,
  ),
);
const exhausted: ReadonlySet<number> = new Set([EMFILE, ENFILE, ENOBUFS, ENOMEM].map((errno) => -errno));
// As many as a queue holds, unless net.core.somaxconn was raised (4096 since Linux 5.4).
const mostPassing = 4096;
// A connection waits at most this long after descriptors are there again; asking costs some microseconds.
const pauseMs = 50;
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
  #pause: NodeJS.Timeout | undefined;
  readonly #paused = new Waiters();
  #warned = false;

  protected constructor(fd: number, options: ListenerOptions, origin?: Function, owned = true) {
    super(fd, options, origin, owned);
    this.#exclusive = options.exclusive ?? false;
  }

  /** Makes the object for an accepted connection, which owns it. */
  protected abstract adopt(fd: number, from: Sockaddr | null): S;

  protected override register(
    reactor: Reactor,
    handler: (readiness: number) => void,
  ): Registration | ExclusiveRegistration {
    return this.#exclusive
      ? reactor.register(this, { readable: true, exclusive: true, trigger: 'edge' }, handler)
      : reactor.register(this, { readable: true, trigger: 'edge' }, handler);
  }

  /**
   * Takes a connection.
   *
   * @returns null where there is none
   * @throws {ClosedError} after `close()`
   * @throws {SystemError} EMFILE, ENFILE, ENOBUFS, ENOMEM: the connection stays in the queue: try again when something was
   *   closed (no event tells); `accept` does that by itself
   * @throws {SystemError} EPERM and what else accept(2) answers for a connection that has gone, when it came 4096 times in a row
   * @see https://man7.org/linux/man-pages/man2/accept4.2.html
   */
  tryAccept(): S | null {
    const answer = this.#take();
    if (typeof answer !== 'number') return answer;
    throw this.failed(answer, 'accept4', creationAdvice(answer));
  }

  /** @internal As `tryAccept`, for the last time: asks for what came without an event so far. */
  tryAcceptLast(): S | null {
    this.readAnyway();
    return this.tryAccept();
  }

  // The connection, null where there is none, or -errno.
  #take(): S | null | number {
    const { fd } = this;
    for (let refused = 0; this.mayRead;) {
      const answer = accept4(fd, peer, SOCK_CLOEXEC | SOCK_NONBLOCK);
      if (answer >= 0) return around(answer, () => this.adopt(answer, peer.decode()));
      if (answer === -EAGAIN) this.drained();
      // A sandbox that answers EPERM to each call is no queue of connections that have gone: this would never end.
      else if (!passing.has(answer) || ++refused === mostPassing) return answer;
      if (answer === -EAGAIN) return null;
    }
    return null;
  }

  /**
   * Waits for a connection. Where the process or the system has no descriptor left, it waits and asks again every 50 ms, warns
   * once, and goes on as soon as there is one: no connection is lost, and nothing spins. So too where thousands are refused in a row.
   *
   * @throws (as a rejection) {ClosedError} when the listener or its reactor is closed
   * @throws (as a rejection) the signal's reason, or a TimeoutError: no connection was taken then
   * @throws (as a rejection) {SystemError} EBADF, EINVAL
   */
  async accept(options: OperationOptions = {}): Promise<S> {
    return inTime(options, async (signal) => {
      for (;;) {
        if (this.#pause !== undefined) await this.#paused.wait(readableBits, signal, () => {});
        const answer = this.#take();
        if (answer === null) await this.waitToRead(signal);
        else if (typeof answer !== 'number') {
          this.#warned = false;
          await this.atOnce();
          return answer;
        } else if (exhausted.has(answer) || passing.has(answer)) this.#rest(answer);
        else throw this.failed(answer, 'accept4');
      }
    });
  }

  #rest(answer: number): void {
    this.#pause = setTimeout(() => {
      this.#pause = undefined;
      this.#paused.settle(readableBits);
    }, pauseMs);
    if (this.#warned) return;
    this.#warned = true;
    const { message } = new SystemError(answer, 'accept4', { fd: this.fd }, creationAdvice(answer));
    process.emitWarning(`${message}; connections wait in the queue until then`, {
      type: 'ListenerExhaustedWarning',
      code: 'EPOLL_TS_ACCEPT',
    });
  }

  /** Each connection in turn. Ends when the listener is closed; leaving the loop does not close it. */
  async *[Symbol.asyncIterator](): AsyncGenerator<S, void, undefined> {
    for (;;) {
      let connection: S;
      try {
        connection = await this.accept();
      } catch (error) {
        if (error instanceof ClosedError) return;
        throw error;
      }
      yield connection;
    }
  }

  /** Connections that wait to be accepted are reset by the kernel, where no other descriptor of the socket is open. @throws as `OwnedFd.close` */
  override close(): void {
    if (this.closed) return;
    clearTimeout(this.#pause);
    this.#pause = undefined;
    this.#paused.fail(new ClosedError(this.constructor.name));
    super.close();
  }
}
