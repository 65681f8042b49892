import { type FdLike, fdToTakeOver } from '../../fd/fdLike.ts';
import { creationAdvice } from '../../fd/advice.ts';
import { check, SystemError, type SystemErrorSubject } from '../../fd/systemError.ts';
import { byteLengthOf, bytes, bytesOf } from '../../sys/argument.ts';
import {
  AF_UNIX,
  EBADF,
  EINTR,
  ETOOMANYREFS,
  getsockopt,
  IOV_MAX,
  MSG_DONTWAIT,
  MSG_NOSIGNAL,
  sendmsg,
  SO_PEERCRED,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  socketpair,
  SOL_SOCKET,
} from '../../sys/index.ts';
import { ByteStream } from '../stream/byteStream.ts';
import { localName, remoteName } from '../address/inetAddress.ts';
import { type OperationOptions, withDeadline } from '../core/deadline.ts';
import { Outgoing } from '../core/sendAll.ts';
import { adopted, around, given, newSocket, socketType } from '../core/madeSocket.ts';
import { receivePassed, rightsMessage } from './passedFds.ts';
import { ReceivedFd } from './receivedFd.ts';
import { type SocketOptions, socketOptions } from '../core/socket.ts';
import {
  unixKinds,
  type UnixPath,
  unixPath,
  unixSubject,
  type UnixType,
  unixTypeNumber,
  unixTypeOf,
} from '../address/unixAddress.ts';
import { connectUnix } from './unixConnect.ts';
import { refuseLonger, unixKind } from './unixKind.ts';
import { totalLength } from '../core/totalLength.ts';
import { inspectable } from '../../fd/inspectable.ts';

/** How `UnixStream.connect` connects. */
export interface UnixConnectOptions extends OperationOptions, SocketOptions {
  /** A socket file, of at most 107 bytes; or, behind a NUL (`'\0name'`), an abstract name. `'@name'` is a file of that name. A name that is not UTF-8 is given as bytes. */
  readonly path: UnixPath;
  /** What the listener has: `'stream'` by default. */
  readonly type?: UnixType;
}

/** Who is at the other end of a unix connection, as the kernel knows it from the time of `connect` and `listen`. */
export interface PeerCredentials {
  /** 0 where this process can't see it: it belongs to another pid namespace. */
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
}

/** What `receiveFds` gives. */
export interface ReceivedFds {
  /** How many bytes were received; 0 at the end. */
  readonly bytes: number;
  /** What came with them, in the sender's order; close each. */
  readonly fds: readonly ReceivedFd[];
}

/**
 * A unix connection: bytes (`'stream'`) or messages (`'seqpacket'`), and open descriptors with them.
 *
 * Of a `'seqpacket'` connection each read gives one message and each write sends one, whole. A message for which there is no
 * room is an error that says how long it is, and stays there. An empty one can't be told from the end: it is not sent.
 *
 * Descriptors are received by `receiveFds` only: where others read bytes with which some came, the kernel closes them.
 *
 * @see https://man7.org/linux/man-pages/man7/unix.7.html
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { UnixStream } from 'epoll-ts/net';
 *
 * const [a, b] = UnixStream.pair({ type: 'seqpacket' });
 * await a.write(Buffer.from('one'));
 * await a.write(Buffer.from('three'));
 * assert.throws(() => b.tryRead(new Uint8Array(2)), { code: 'EMSGSIZE' });
 * assert.equal(b.tryRead(new Uint8Array(64)), 3);
 * assert.equal(b.tryRead(new Uint8Array(64)), 5);
 * assert.equal(b.peerCredentials.pid, process.pid);
 * for (const stream of [a, b]) stream.close();
 * ```
 */
export class UnixStream extends ByteStream {
  static {
    inspectable(this.prototype, {
      fd: ({ fd }) => fd,
      type: ({ type }) => type,
      local: ({ localPath }) => localPath,
      remote: ({ remotePath }) => remotePath,
    });
  }

  /** Whether it carries bytes or messages. */
  readonly type: UnixType;
  readonly #remote: UnixPath | null;

  /** @internal `fd` is a non-blocking unix socket of that type, which is taken over. */
  constructor(
    fd: number,
    type: UnixType,
    remote: UnixPath | null,
    options: SocketOptions & { readonly origin?: string } = {},
  ) {
    super(fd, options, options.origin ?? UnixStream, unixKind(type));
    this.type = type;
    this.#remote = remote;
  }

  /**
   * Connects. Where the listener's queue is full it asks again, up to every 50 ms, until the signal or the timeout ends that: no
   * event tells of room.
   *
   * @throws (as a rejection) {SystemError} ENOENT, ECONNREFUSED, EACCES, EPROTOTYPE, EMFILE, … with the `path`
   * @throws (as a rejection) the signal's reason, or a TimeoutError; nothing is left open
   * @throws (as a rejection) {TypeError | RangeError} for a wrong option, such as a path that is too long
   * @see https://man7.org/linux/man-pages/man2/connect.2.html
   */
  static connect(options: UnixConnectOptions): Promise<UnixStream> {
    const name = () => ({ syscall: 'connect', subject: unixSubject(options.path) });
    return withDeadline(options, name, async (signal) => {
      const { path, type = 'stream' } = options;
      const fd = newSocket(AF_UNIX, unixTypeNumber(type));
      const stream = around(fd, () => new UnixStream(fd, type, path, options));
      try {
        await connectUnix(fd, path, signal);
        return stream;
      } catch (error) {
        stream.close();
        throw error;
      }
    });
  }

  /**
   * Takes over a connected unix socket: what `detach` gave in another thread, what came with SCM_RIGHTS, what a program
   * inherited. It becomes close-on-exec and non-blocking. An object that owns it and has `detach` gives it away.
   *
   * @throws {TypeError} when it is no unix socket of a type that is known here; it is left open
   * @throws {SystemError} EBADF
   */
  static attach(target: FdLike, options: SocketOptions = {}): UnixStream {
    const own = socketOptions(options);
    const fd = adopted(fdToTakeOver(target), 'UnixStream', unixKinds);
    const [type, remote] = [unixTypeOf(socketType(fd)), unixPath(remoteName(fd))];
    return new UnixStream(given(target, fd), type, remote, own);
  }

  /**
   * Two connected ends without a name (socketpair): for a child process, for a worker, for tests.
   *
   * @throws {SystemError} EMFILE, ENFILE
   * @throws {TypeError} for a wrong type
   * @see https://man7.org/linux/man-pages/man2/socketpair.2.html
   */
  static pair(options: SocketOptions & { readonly type?: UnixType } = {}): [UnixStream, UnixStream] {
    const { type = 'stream' } = options;
    const own = socketOptions(options);
    const answer = socketpair(AF_UNIX, unixTypeNumber(type) | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (typeof answer === 'number') throw new SystemError(answer, 'socketpair', {}, creationAdvice(answer));
    const [one, other] = answer.map((fd) => new UnixStream(fd, type, null, own)) as [UnixStream, UnixStream];
    return [one, other];
  }

  /** The name of the own end: that of the listener, for a connection that it accepted; null without one. @throws {ClosedError} after `close()`. */
  get localPath(): UnixPath | null {
    return unixPath(localName(this.fd));
  }

  /** The name of the other end; it can be asked for after `close()` too. null where it has none, as most clients. */
  get remotePath(): UnixPath | null {
    return this.#remote;
  }

  /** Who is at the other end (SO_PEERCRED). @throws {ClosedError} after `close()`. */
  get peerCredentials(): PeerCredentials {
    const ucred = new DataView(new ArrayBuffer(12));
    const { fd } = this;
    check(getsockopt(fd, SOL_SOCKET, SO_PEERCRED, new Uint8Array(ucred.buffer)), 'getsockopt', { fd }, 'SO_PEERCRED');
    return { pid: ucred.getInt32(0, true), uid: ucred.getUint32(4, true), gid: ucred.getUint32(8, true) };
  }

  /**
   * As `ByteStream.tryWrite`; of a `'seqpacket'` connection it sends all of it, as one message, or nothing.
   *
   * @throws {RangeError} for an empty message
   * @throws {SystemError} EMSGSIZE for a message that is longer than the send buffer
   */
  override tryWrite(data: Uint8Array): number | null {
    this.#checkMessage([data]);
    return super.tryWrite(data);
  }

  /** As `ByteStream.tryWritev`; of a `'seqpacket'` connection the buffers, at most 1024, are one message. @throws as `tryWrite` */
  override tryWritev(data: readonly Uint8Array[]): number | null {
    this.#checkMessage(data);
    return super.tryWritev(data);
  }

  /** As `ByteStream.writev`; of a `'seqpacket'` connection the buffers, at most 1024, are one message. */
  override async writev(data: readonly Uint8Array[], options: OperationOptions = {}): Promise<void> {
    this.#checkMessage(data);
    await super.writev(data, options);
  }

  #checkMessage(data: readonly Uint8Array[]): void {
    if (this.type === 'stream' || !Array.isArray(data)) return;
    if (data.length > IOV_MAX) {
      throw new RangeError(
        `Cannot send a message as it must be in at most ${IOV_MAX} buffers: current length is ${data.length}`,
      );
    }
    if (totalLength(data, 'data') === 0) {
      throw new RangeError("Cannot send a message as 'data' must not be empty: the receiver would take it for the end");
    }
  }

  /**
   * Sends bytes, and open descriptors with the first of them (SCM_RIGHTS): the receiver gets descriptors of its own for the
   * same open files, and these here stay as they are.
   *
   * @param data at least one byte
   * @param fds 1 to 253 of them
   * @returns the number of bytes, which can be less than asked: the descriptors are sent then, and the rest of the bytes is to
   *   be written without them; null where it would wait, and nothing was sent
   * @throws {TypeError | RangeError} for no data, and for anything but 1 to 253 descriptors
   * @throws {ClosedError} after `close()`, of this stream or of an object in `fds`
   * @throws {SystemError} EBADF when one of them is not open, ETOOMANYREFS, and what `tryWrite` throws
   * @see https://man7.org/linux/man-pages/man7/unix.7.html
   */
  trySendFds(data: Uint8Array, fds: readonly FdLike[]): number | null {
    const { fd } = this;
    this.adapters.refuse('send on', 'write');
    checkSome(data);
    const rights = rightsMessage(fds);
    if (!this.readiness.mayWrite) return null;
    let answer;
    do answer = sendmsg(fd, [data], rights, MSG_NOSIGNAL | MSG_DONTWAIT);
    while (answer === -EINTR);
    if (answer !== -EBADF && answer !== -ETOOMANYREFS) return this.channel.countWritten(answer, 'sendmsg');
    throw this.failed(answer, 'sendmsg', rightsAdvice(answer));
  }

  /**
   * Sends all of the bytes, and the descriptors with the first of them, in turn with other writes. They must stay open until
   * the promise is settled.
   *
   * @throws (as a rejection) what `trySendFds` throws; the signal's reason, or a TimeoutError: then nothing was sent, or
   *   `bytesWritten` tells how far it came
   */
  async sendFds(data: Uint8Array, fds: readonly FdLike[], options: OperationOptions = {}): Promise<void> {
    checkSome(data);
    rightsMessage(fds);
    await this.within(options, 'send', (signal) =>
      this.writes.run(async () => {
        signal?.throwIfAborted();
        let count;
        while ((count = this.trySendFds(data, fds)) === null) await this.readiness.waitToWrite(signal);
        this.readiness.budget.spend(count);
        await this.channel.sendAll(new Outgoing([bytesOf(data, count)]), signal);
      }),
    );
  }

  /**
   * Reads as `tryRead`, and takes the descriptors that came with the bytes. It ends behind such bytes, so that those of two
   * sendings are not mixed.
   *
   * @returns null where it would wait; with 0 bytes at the end
   * @throws {SystemError} EMFILE when there is no room for all of the descriptors: nothing was taken, and it can be tried again
   * @throws {Error} when someone else reads from the same socket at the same time
   * @throws what `tryRead` throws
   */
  tryReceiveFds(into: Uint8Array): ReceivedFds | null {
    const { fd } = this;
    this.adapters.refuse('receive from', 'read');
    checkRoom(byteLengthOf(bytes(into, 'into')));
    if (!this.readiness.mayRead) return null;
    let passed: ReturnType<typeof receivePassed>;
    do {
      const refused = this.type === 'stream' ? 0 : refuseLonger(this, fd, byteLengthOf(into));
      passed = refused < 0 ? { answer: refused, fds: [] } : receivePassed(fd, into);
    } while (passed.answer === -EINTR);
    const count = this.channel.countRead(passed.answer, 'recvmsg');
    return count === null ? null : { bytes: count, fds: passed.fds.map((received) => new ReceivedFd(received)) };
  }

  /** Receives as `tryReceiveFds`, and waits until there is something. @throws (as a rejection) what it throws; as `read` */
  async receiveFds(into: Uint8Array, options: OperationOptions = {}): Promise<ReceivedFds> {
    return this.within(options, 'receive', async (signal) => {
      for (;;) {
        const received = this.tryReceiveFds(into);
        if (received !== null) {
          if (this.readiness.budget.spend(received.bytes)) await this.readiness.budget.rest();
          return received;
        }
        await this.readiness.waitToRead(signal);
      }
    });
  }

  protected override get subject(): SystemErrorSubject {
    return unixSubject(this.#remote ?? this.localPath);
  }
}

function checkRoom(length: number): void {
  if (length > 0) return;
  throw new RangeError("Cannot use 'into' as it must have room for a byte: current length is 0");
}

function checkSome(data: Uint8Array): void {
  if (byteLengthOf(bytes(data, 'data')) > 0) return;
  throw new RangeError("Cannot send descriptors as 'data' must have at least one byte, which they travel with");
}

function rightsAdvice(answer: number): string {
  return answer === -EBADF
    ? 'a descriptor among those to be sent is not open'
    : 'too many descriptors are on their way and not received yet: their number is limited as that of open files (ulimit -n)';
}
