import { created } from '../../fd/advice.ts';
import { parseEpollFdinfo, readEpollEntries } from '../../fd/epollEntry.ts';
import { epollCtlAdvice } from '../../fd/epollCtlAdvice.ts';
import { type FdLike, fdOf } from '../../fd/fdLike.ts';
import { milliseconds } from '../../fd/milliseconds.ts';
import { type FdWatcher, OwnedFd, unwatchOwnedFd, watchOwnedFd } from '../../fd/ownedFd.ts';
import { readProcText } from '../../fd/procText.ts';
import { sliced, waitOnce } from '../../fd/slicedWait.ts';
import { check, SystemError } from '../../fd/systemError.ts';
import { reportNow } from '../../reactor/handlerErrors.ts';
import { describe, integerIn } from '../../sys/argument.ts';
import { epollCtlHalves } from '../../sys/epoll.ts';
import {
  close,
  EBADF,
  EEXIST,
  ENOENT,
  EPOLL_CLOEXEC,
  EPOLL_CTL_ADD,
  EPOLL_CTL_DEL,
  EPOLL_CTL_MOD,
  epoll_create1,
  EpollEventBuffer,
  EPOLLIN,
  EPOLLONESHOT,
  EPOLLOUT,
  EPOLLRDHUP,
} from '../../sys/index.ts';
import { ByteStream } from '../stream/byteStream.ts';
import { adoptConnection } from '../serve/adoptConnection.ts';
import { handOver } from '../core/socket.ts';
import { HeldStream, oneShotMask, type StreamSetInterest } from './heldStream.ts';
import { StreamSetStop } from './streamSetStop.ts';

// The high half of the data of the socket that stops the set; streams have their tag there.
const stopTag = 0xffff_ffff;

// What `from` hands to the constructor.
class Borrowed {
  readonly fd: number;
  readonly stop: number;
  readonly taken: Map<number, ByteStream> | undefined;

  constructor(fd: number, stop: number, taken: Map<number, ByteStream> | undefined) {
    this.fd = fd;
    this.stop = stop;
    this.taken = taken;
  }
}

// The sets that this thread has made and not closed, by their numbers.
const makers = new Map<number, WeakRef<StreamSet>>();

/**
 * Connections that several threads serve together: any of them may get the next event of any connection, and never two have one
 * connection at a time. One epoll instance, in which all threads wait, with one-shot entries.
 *
 * The thread that makes the set posts `set.fd` to the others, which use it as `StreamSet.from(fd)`. `add`, `take`, `run` and
 * `stop` are for every thread; `close` is for the one that made it, when the others have ended: they get EBADF after it.
 *
 * A thread that has taken a stream holds it alone, and only the holder may close it: that is why no event can be stale, and no
 * number mean another connection, without a generation in the token. What a thread knows about a connection, such as bytes
 * that it could not write yet, is not in the kernel: write all before giving back, or keep it in shared memory under the `tag`.
 *
 * A thread that is terminated while it holds a stream leaves it open and unarmed: the peer sees silence until `close`.
 *
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
  // Known after close() too: what it holds is in the set of the others until it is given back, closed, or goes another way.
  readonly #number: number;
  readonly #stop: StreamSetStop;
  readonly #maker: boolean;
  readonly #buffer = new EpollEventBuffer(1);
  #stopped = false;
  // What the maker's thread took: were its number closed under such an object, the object, or the garbage collector, would close it
  // again, as another's.
  readonly #taken: Map<number, ByteStream> | undefined;
  // A stream that is held and goes another way, to a new owner or into another set, is in this one no longer.
  readonly #held: FdWatcher = { release: (_stream, fd) => this.#leave(fd) };

  // Here `super.fd` is the descriptor: a child class's own `fd` would go to C unchecked, and its streams could not be closed.

  /** @throws {SystemError} EMFILE, ENFILE, ENOMEM, ENOBUFS */
  constructor(...none: never[]) {
    const [given]: readonly unknown[] = none;
    if (given !== undefined && !(given instanceof Borrowed))
      throw new TypeError(`Cannot create a StreamSet as it takes no argument: current value is ${describe(given)}`);
    super(given?.fd ?? created(epoll_create1(EPOLL_CLOEXEC), 'epoll_create1'), given === undefined);
    this.#number = super.fd;
    this.#maker = given === undefined;
    this.#taken = given === undefined ? new Map() : given.taken;
    try {
      this.#stop = new StreamSetStop(given?.stop);
    } catch (error) {
      super.close();
      throw error;
    }
    if (!this.#maker) return;
    try {
      // Level-triggered and never read: each thread that waits, now or later, is told.
      this.#control(EPOLL_CTL_ADD, this.#stop.fd, EPOLLIN, stopTag);
    } catch (error) {
      this.#stop.close();
      super.close();
      throw error;
    }
    makers.set(super.fd, new WeakRef(this));
  }

  /**
   * The set that another thread has made, which keeps it: `close()` here only closes this object.
   *
   * @throws {TypeError} when the descriptor is no `StreamSet`
   * @throws {SystemError} EBADF when no file is open under the number
   */
  static from(target: FdLike): StreamSet {
    const fd = fdOf(target);
    const stop = listed(fd).find(({ data }) => Number(data >> 32n) === stopTag);
    if (stop === undefined || !StreamSetStop.accepts(stop.fd))
      throw new TypeError(`Cannot use fd ${fd} as a StreamSet as it must be one`);
    const maker = makers.get(fd)?.deref();
    const taken = maker === undefined ? undefined : maker.#taken;
    // @ts-expect-error for users it takes no argument
    return new StreamSet(new Borrowed(fd, stop.fd, taken));
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
    return listed(this.#open()).length - 1;
  }

  /**
   * Takes a stream over, out of whatever reactor it is in; `stream` is closed, the connection is not. Some thread may take it at once.
   *
   * @param options.tag a number from 0 to 4294967294 that comes with it each time
   * @throws {ClosedError} when the set or the stream is closed
   * @throws {TypeError | RangeError} for a wrong argument
   * @throws {SystemError} ENOMEM, ENOSPC, or EBADF when the set was closed by its maker: the stream is as it was, except that its
   *   pending waits are rejected
   */
  add(stream: ByteStream, options: StreamSetInterest & { readonly tag?: number } = {}): void {
    if (!(stream instanceof ByteStream)) {
      throw new TypeError(`Cannot add as 'stream' must be a stream: current value is ${describe(stream)}`);
    }
    const tag = integerIn(options.tag ?? 0, 'tag', 0, stopTag - 1);
    this.#arm(stream, tag, oneShotMask(options), EPOLL_CTL_ADD);
  }

  /**
   * Waits until a stream is ready and takes it: this thread holds it until it gives it back or closes it. Blocks the thread, in
   * slices of at most 100 ms, so that `worker.terminate()` is not held up for longer.
   *
   * @param options.timeoutMs milliseconds; 0 does not wait; for ever by default
   * @returns null when the time is over, or the set was stopped: see `stopped`
   * @throws {ClosedError} after `close()`
   * @throws {TypeError | RangeError} for a wrong timeout
   * @throws {SystemError} EBADF when the set was closed by its maker too early, within 100 ms where this thread waits; or a
   *   connection's number by someone else
   */
  take({ timeoutMs = Infinity }: { readonly timeoutMs?: number } = {}): HeldStream | null {
    const epfd = super.fd;
    milliseconds(timeoutMs, 'timeoutMs', 'take');
    if (this.#stopped) return null;
    const buffer = this.#buffer;
    // One at a time: a thread that is terminated between two streams of a batch would keep the second from all others.
    const wait = (ms: number): number => waitOnce({ epfd: this.#open(), buffer, maxevents: 1, sigmask: null }, ms);
    const count = check(sliced(timeoutMs, wait), 'epoll_wait', { fd: epfd });
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
      const mask = (buffer.events(0) & (EPOLLIN | EPOLLRDHUP | EPOLLOUT)) | EPOLLONESHOT;
      epollCtlHalves(epfd, EPOLL_CTL_MOD, fd, mask, fd, tag);
      throw error;
    }
    this.#taken?.set(fd, stream);
    watchOwnedFd(stream, this.#held);
    return new HeldStream(stream, { readiness: buffer.events(0), tag }, (...how) => this.#giveBack(...how));
  }

  /**
   * Takes one stream after another and calls the handler, until the set is stopped. A stream that the handler has neither given
   * back nor closed is given back, for reading. Blocks the thread: meant for workers.
   *
   * @throws what the handler threw, where the process has no `uncaughtException` listener; its stream was closed, and `run` can be
   *   called again
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
    this.#open();
    this.#stop.signal();
  }

  /**
   * Closes this object. In the thread that made the set, it closes every connection in it, those among them that a terminated
   * thread held: call it when the other threads have ended, as the kernel would give their numbers to new files.
   */
  override close(): void {
    if (this.closed) return;
    if (this.#maker) {
      makers.delete(super.fd);
      for (const { fd, data, ghost } of readEpollEntries(super.fd)) {
        if (Number(data >> 32n) === stopTag || ghost === true) continue;
        const stream = this.#taken?.get(fd);
        if (stream === undefined || stream.closed) close(fd);
        else stream.close();
      }
    }
    try {
      this.#stop.close();
    } finally {
      super.close();
    }
  }

  #giveBack(stream: ByteStream, tag: number, mask: number): void {
    unwatchOwnedFd(stream, this.#held);
    try {
      this.#arm(stream, tag, mask, EPOLL_CTL_MOD);
    } catch (error) {
      if (!stream.closed) watchOwnedFd(stream, this.#held);
      throw error;
    }
  }

  // It may be in no list any more, as someone else has closed the number.
  #leave(fd: number): void {
    if (this.#maker ? !super.closed : this.#stop.open) epollCtlHalves(this.#number, EPOLL_CTL_DEL, fd, 0, 0, 0);
  }

  // The number of a set that its maker has closed may be another file's, and another epoll instance's: waiting there would take
  // its events, or never end.
  #open(): number {
    const fd = super.fd;
    if (this.#maker || this.#stop.open) return fd;
    const advice = 'the set was closed by the thread that made it: call close() there when the others have ended';
    throw new SystemError(-EBADF, 'epoll_wait', { fd }, advice);
  }

  // From the moment of epoll_ctl on the number is another thread's: nothing may be done with it after that.
  #arm(stream: ByteStream, tag: number, mask: number, op: number): void {
    handOver(stream, (fd) => this.#control(op, fd, mask, tag));
  }

  #control(op: number, fd: number, events: number, tag: number): void {
    const epfd = this.#open();
    let answer = epollCtlHalves(epfd, op, fd, events, fd, tag);
    // A stream that was held, and was taken away from the set or came back to it some other way.
    if (answer === -EEXIST) answer = epollCtlHalves(epfd, EPOLL_CTL_MOD, fd, events, fd, tag);
    if (answer === -ENOENT) answer = epollCtlHalves(epfd, EPOLL_CTL_ADD, fd, events, fd, tag);
    if (answer < 0)
      throw new SystemError(answer, 'epoll_ctl', { fd }, epollCtlAdvice(answer, { epfd, op, fd, events }));
  }
}

function listed(epfd: number): ReturnType<typeof parseEpollFdinfo> {
  try {
    return parseEpollFdinfo(readProcText(`/proc/self/fdinfo/${epfd}`));
  } catch (error) {
    if (!(error instanceof SystemError) || error.errno !== -ENOENT) throw error;
    throw new SystemError(-EBADF, 'open', { fd: epfd }, 'no file is open under this number');
  }
}
