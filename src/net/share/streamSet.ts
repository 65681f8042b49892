import { ClosedError } from '../../fd/closedError.ts';
import { type FdLike, fdOf } from '../../fd/fdLike.ts';
import { inspectable } from '../../fd/inspectable.ts';
import { beforeCollected, type FdWatcher, OwnedFd, unwatchOwnedFd, watchOwnedFd } from '../../fd/ownedFd.ts';
import { sliced, waitOnce } from '../../fd/slicedWait.ts';
import { check } from '../../fd/systemError.ts';
import { reportNow } from '../../reactor/handlerErrors.ts';
import { describe } from '../../sys/argument.ts';
import { close, EPOLL_CTL_ADD, EPOLL_CTL_MOD, EpollEventBuffer } from '../../sys/index.ts';
import { ByteStream } from '../stream/byteStream.ts';
import { handOver } from '../core/socket.ts';
import { adoptConnection } from '../serve/adoptConnection.ts';
import { HeldStream } from './heldStream.ts';
import { oneShotMask } from './oneShotMask.ts';
import { SharedList, stopTag } from './sharedList.ts';
import type { StreamSetAddOptions, StreamSetTakeOptions } from './streamSetOptions.ts';
import { readAddOptions, readTakeOptions } from './streamSetOptions.ts';

// The sets that this thread has made and not closed, by their numbers.
const makers = new Map<number, WeakRef<StreamSet>>();

/**
 * Connections that several threads serve together: any of them may get the next event of any connection, and never two
 * have one connection at a time. One epoll instance, in which all threads wait, with one-shot entries.
 *
 * The thread that makes the set posts `set.fd` to the others, which use it as `StreamSet.from(fd)`. It closes the set
 * last, when the others have ended: they get EBADF after that.
 *
 * A thread that has taken a stream holds it alone, and only the holder may close it: that is why no event can be stale,
 * and no number mean another connection. What a thread knows about a connection, such as bytes that it could not write
 * yet, is not in the kernel: write all before giving back, or keep it in shared memory under the `tag`.
 *
 * A thread that is terminated while it holds a stream leaves it open and unarmed: the peer sees silence until `close`.
 * @see https://man7.org/linux/man-pages/man7/epoll.7.html
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { StreamSet, TcpListener, TcpStream } from 'epoll-ts/net';
 *
 * const listener = new TcpListener({ address: '127.0.0.1' });
 * const client = await TcpStream.connect({ host: '127.0.0.1', port: listener.localAddress.port });
 * const set = new StreamSet();
 * set.add(await listener.accept());
 * client.tryWrite(Buffer.from('hi'));
 * // In each of the worker threads:
 * const shared = StreamSet.from(set.fd);
 * const into = new Uint8Array(64);
 * shared.run(({ stream }) => {
 *   assert.equal(stream.tryRead(into), 2);
 *   shared.stop(); // ends `run` in all threads
 * });
 * for (const each of [set, client, listener]) each.close();
 * ```
 */
export class StreamSet extends OwnedFd {
  static {
    inspectable(this.prototype, { fd: ({ fd }) => fd, size: ({ size }) => size });
  }

  // Known after close() too: what is held stays in the set of the others.
  readonly #list: SharedList;
  readonly #buffer = new EpollEventBuffer(1);
  #stopped = false;
  // What the maker's thread holds: the object closes its number, or the garbage collector does, and nobody else may.
  readonly #taken: Map<number, ByteStream> | undefined;
  // A stream that is held and goes another way, to a new owner or into another set, is in this one no longer.
  readonly #held: FdWatcher = { release: (_stream, fd) => this.#leave(fd) };

  // Below `super.fd` is the descriptor: a child class's own `fd` would go to C unchecked.

  /** @throws {SystemError} EMFILE, ENFILE, ENOMEM, ENOBUFS */
  constructor(...none: never[]) {
    const [given]: readonly unknown[] = none;
    if (given !== undefined && !(given instanceof SharedList))
      throw new TypeError(`Cannot create a StreamSet as it takes no argument: current value is ${describe(given)}`);
    const list = given ?? SharedList.make();
    super(list.fd, list.own);
    this.#list = list;
    const maker = makers.get(list.fd)?.deref();
    this.#taken = list.own ? new Map() : maker && maker.#taken;
    if (!list.own) return;
    beforeCollected(this, () => list.closeRest());
    makers.set(list.fd, new WeakRef(this));
  }

  /**
   * The set that another thread has made, which keeps it: `close()` here only closes this object.
   *
   * @throws {TypeError} when the descriptor is no `StreamSet`
   * @throws {SystemError} EBADF when no file is open under the number
   */
  static from(target: FdLike): StreamSet {
    // @ts-expect-error for users it takes no argument
    return new StreamSet(SharedList.borrow(fdOf(target)));
  }

  /** Whether this thread has seen that the set was stopped. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /**
   * How many streams are in it, those that are held among them. Reads `/proc`.
   *
   * @throws {ClosedError} after `close()`
   * @throws {SystemError} EBADF when the set was closed by its maker
   */
  get size(): number {
    return this.#open().size;
  }

  /**
   * Takes a stream over; `stream` is closed, the connection is not. Some thread may take it at once.
   *
   * @throws {ClosedError} when the set or the stream is closed
   * @throws {TypeError | RangeError} for a wrong argument
   * @throws {SystemError} ENOMEM, ENOSPC, EBADF when the set was closed by its maker: only the stream's waits have
   *   ended
   */
  add(stream: ByteStream, options?: StreamSetAddOptions): void {
    if (!(stream instanceof ByteStream)) {
      throw new TypeError(`Cannot add as 'stream' must be a stream: current value is ${describe(stream)}`);
    }
    const { tag = 0, ...interest } = readAddOptions(options);
    this.#arm(stream, tag, oneShotMask(interest), EPOLL_CTL_ADD);
  }

  /**
   * Waits until a stream is ready and takes it: this thread holds it until it gives it back or closes it. Blocks the
   * thread, in slices of at most 100 ms, so that `worker.terminate()` is not held up for longer.
   *
   * @returns null when the time is over, or the set was stopped: see `stopped`
   * @throws {ClosedError} after `close()`
   * @throws {TypeError | RangeError} for a wrong timeout
   * @throws {SystemError} EBADF when the set was closed by its maker too early, within 100 ms where this thread waits;
   *   or a connection's number by someone else
   */
  take(options?: StreamSetTakeOptions): HeldStream | null {
    const list = this.#open();
    const { timeoutMs = Infinity } = readTakeOptions(options);
    if (this.#stopped) return null;
    const buffer = this.#buffer;
    // One at a time: a thread that is terminated between two streams of a batch would keep the second from all others.
    const wait = (ms: number): number => waitOnce({ epfd: list.open(), buffer, maxevents: 1, sigmask: null }, ms);
    const count = check(sliced(timeoutMs, wait), 'epoll_wait', { fd: list.fd });
    if (count === 0) return null;
    const tag = buffer.dataHigh(0);
    if (tag === stopTag) {
      this.#stopped = true;
      return null;
    }
    const fd = buffer.dataLow(0);
    let stream;
    try {
      stream = adoptConnection(fd);
    } catch (error) {
      // Nobody has it, and the kernel would tell nobody of it again.
      list.armAgain(fd, buffer.events(0), tag);
      throw error;
    }
    this.#taken?.set(fd, stream);
    watchOwnedFd(stream, this.#held);
    return new HeldStream(stream, { readiness: buffer.events(0), tag }, (...how) => this.#giveBack(...how));
  }

  /**
   * Takes one stream after another and calls the handler, until the set is stopped. A stream that the handler has
   * neither given back nor closed is given back, for reading. Blocks the thread: meant for workers.
   *
   * @throws what the handler threw, where nobody listens to `uncaughtException`; its stream was closed: go on with
   *   `run`
   * @throws what `take` throws
   */
  run(handler: (held: HeldStream) => void): void {
    if (typeof handler !== 'function') {
      throw new TypeError(`Cannot run as 'handler' must be a function: current value is ${describe(handler)}`);
    }
    while (!this.#stopped) {
      const held = this.take();
      if (held === null) continue;
      const { stream } = held;
      try {
        handler(held);
        if (!stream.closed) held.giveBack();
      } catch (error) {
        stream.close();
        reportNow([error]);
      }
    }
  }

  /**
   * Has `take` answer null in all threads, from now on; streams that are held are not touched.
   *
   * @throws {ClosedError} after `close()`
   * @throws {SystemError} EBADF when the set was closed by its maker
   */
  stop(): void {
    this.#open().open();
    this.#list.stop.signal();
  }

  /**
   * Closes this object. In the thread that made the set, it closes every connection in it, those among them that a
   * terminated thread held: call it when the other threads have ended, as the kernel would give their numbers to new
   * files.
   */
  override close(): void {
    if (this.closed) return;
    if (this.#list.own) this.#closeStreams();
    super.close();
  }

  #closeStreams(): void {
    makers.delete(this.#list.fd);
    for (const { fd } of this.#list.streams()) {
      const stream = this.#taken?.get(fd);
      if (stream?.closed === false) stream.close();
      else close(fd);
    }
    this.#list.stop.close();
  }

  #giveBack(stream: ByteStream, tag: number, mask: number): void {
    const { fd } = stream;
    unwatchOwnedFd(stream, this.#held);
    try {
      this.#arm(stream, tag, mask, EPOLL_CTL_MOD);
      this.#taken?.delete(fd);
    } catch (error) {
      if (!stream.closed) watchOwnedFd(stream, this.#held);
      throw error;
    }
  }

  #leave(fd: number): void {
    this.#taken?.delete(fd);
    if (!this.#list.own || !this.closed) this.#list.drop(fd);
  }

  #open(): SharedList {
    if (super.closed) throw new ClosedError(this.constructor.name);
    return this.#list;
  }

  // From the moment of epoll_ctl on the number is another thread's: nothing may be done with it after that.
  #arm(stream: ByteStream, tag: number, mask: number, op: number): void {
    handOver(stream, (fd) => this.#open().arm(op, fd, mask, tag));
  }
}
