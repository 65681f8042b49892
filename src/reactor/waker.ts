import { EventFd } from '../fd/eventFd.ts';
import { F_GETSIG, F_SETSIG, fcntl } from '../sys/index.ts';
import type { Registration } from './registration.ts';
import { inspectable } from '../fd/inspectable.ts';

let make: (counter: EventFd, registration: Registration) => Waker;
// What other threads know a waker's eventfd by: a number that belongs to the open file, and is read with it. It is the
// signal that O_ASYNC would send, which an eventfd does not have.
const mark = 47;

/**
 * Wakes a reactor from another thread, over an eventfd. Made by `Reactor.waker`.
 *
 * @see https://man7.org/linux/man-pages/man2/eventfd.2.html
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { Worker } from 'node:worker_threads';
 * import { Reactor } from 'epoll-ts';
 *
 * const reactor = new Reactor();
 * let woken = 0;
 * const waker = reactor.waker(() => {
 *   woken++;
 *   waker.close(); // nothing is left to wait for: the process can end
 * });
 * const code = `import('epoll-ts').then(({ Waker }) => Waker.from(${waker.fd}).wake())`;
 * new Worker(code, { eval: true });
 * process.on('exit', () => assert.equal(woken, 1)); // the worker's own 'exit' may come before the handler
 * ```
 */
export class Waker {
  static {
    inspectable(this.prototype, { fd: ({ fd }) => fd });
  }

  readonly #counter: EventFd;
  readonly #registration: Registration | undefined;

  static {
    make = (counter, registration) => new Waker(counter, registration);
  }

  private constructor(counter: EventFd, registration?: Registration) {
    this.#counter = counter;
    this.#registration = registration;
  }

  /**
   * The other end, in any thread of the process: wakes the reactor whose waker has this descriptor, which is borrowed.
   *
   * The number may be another file's by now, if the waker was closed: what is no waker's eventfd is refused, here and
   * by `wake()`.
   *
   * @throws {TypeError} when it is no eventfd of a waker
   * @throws {RangeError} for a number that no descriptor has
   * @throws {SystemError} EBADF when no file is open under the number
   */
  static from(fd: number): Waker {
    const counter = EventFd.from(fd);
    refuseOthers(fd);
    return new Waker(counter);
  }

  /** The eventfd: a number that can be posted to workers. @throws {ClosedError} after `close()`. */
  get fd(): number {
    return this.#counter.fd;
  }

  /**
   * Wakes the reactor. From any thread; never waits.
   *
   * @throws {ClosedError} after `close()`
   * @throws {SystemError} EBADF when the reactor's side was closed
   * @throws {TypeError} when the reactor's side was closed and the number is another file's now
   */
  wake(): void {
    if (this.#registration === undefined) refuseOthers(this.#counter.fd);
    // Nobody reads the counter, each write is an event. Full (after 2^64 - 2) it must be emptied: no write, no event.
    while (!this.#counter.write()) this.#counter.read();
  }

  /** Has the waker keep the process alive. */
  ref(): this {
    this.#registration?.ref();
    return this;
  }

  /** Lets the process end although the waker is there. */
  unref(): this {
    this.#registration?.unref();
    return this;
  }

  /** Ends it: on the reactor's side the eventfd is closed, on the other side nothing is. */
  close(): void {
    this.#counter.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** The reactor's side, with the registration of the counter. */
export function newWaker(counter: EventFd, registration: Registration): Waker {
  // The answer does not matter: where the kernel has no such number, it is not asked for either.
  fcntl(counter.fd, F_SETSIG, mark);
  return make(counter, registration);
}

// Another file would take 8 bytes for data. EBADF is told by what comes next.
function refuseOthers(fd: number): void {
  const found = fcntl(fd, F_GETSIG);
  if (found < 0 || found === mark) return;
  throw new TypeError(`Cannot wake as fd ${fd} must be the eventfd of a waker: its file is another one`);
}
