import { type FdLike, fdToTakeOver } from '../../fd/fdLike.ts';
import { creationAdvice } from '../../fd/advice.ts';
import { inspectable } from '../../fd/inspectable.ts';
import { SystemError, type SystemErrorSubject } from '../../fd/systemError.ts';
import { byteLengthOf, bytesOf } from '../../sys/argument.ts';
import { AF_UNIX, EINTR, SOCK_CLOEXEC, SOCK_NONBLOCK, socketpair } from '../../sys/index.ts';
import { ByteStream } from '../stream/byteStream.ts';
import { localName, remoteName } from '../address/inetAddress.ts';
import type { OperationOptions } from '../core/deadline.ts';
import { Outgoing } from '../core/sendAll.ts';
import { adopted, given, socketType } from '../core/madeSocket.ts';
import { checkRoom, checkSome, receivePassed, rightsAdvice, rightsMessage, sendPassed } from './passedFds.ts';
import { type PeerCredentials, peerCredentials } from './peerCredentials.ts';
import { ReceivedFd, type ReceivedFds } from './receivedFd.ts';
import type { SocketOptions } from '../core/socket.ts';
import type { UnixPath, UnixType } from '../address/unixAddress.ts';
import { unixKinds, unixPath, unixSubject, unixTypeNumber, unixTypeOf } from '../address/unixAddress.ts';
import { connectUnix } from './unixConnect.ts';
import { checkMessage, refuseLonger, unixKind } from './unixKind.ts';
import type { UnixConnectOptions, UnixPairOptions } from './unixOptions.ts';
import { readAttachOptions, readConnectOptions, readPairOptions } from './unixOptions.ts';

/**
 * A unix connection: bytes (`'stream'`) or messages (`'seqpacket'`), and open descriptors with them.
 *
 * Of a `'seqpacket'` connection each read gives one message and each write sends one, whole. A message for which there
 * is no room is an error that says how long it is, and stays there. An empty one can't be told from the end: it is not
 * sent.
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
   * Connects. Where the listener's queue is full it asks again, up to every 50 ms, until the signal or the timeout ends
   * that: no event tells of room.
   *
   * @throws (as a rejection) {SystemError} ENOENT, ECONNREFUSED, EACCES, EPROTOTYPE, EMFILE, … with the `path`
   * @throws (as a rejection) the signal's reason, or a TimeoutError; nothing is left open
   * @throws (as a rejection) {TypeError | RangeError} for a wrong option, such as a path that is too long
   * @see https://man7.org/linux/man-pages/man2/connect.2.html
   */
  static async connect(options: UnixConnectOptions): Promise<UnixStream> {
    const { reactor, ...own } = readConnectOptions(options);
    return connectUnix(own, (...how) => new UnixStream(...how, reactor === undefined ? {} : { reactor }));
  }

  /**
   * Takes over a connected unix socket: what `detach` gave in another thread, what came with SCM_RIGHTS, what a program
   * inherited. It becomes close-on-exec and non-blocking. An object that owns it and has `detach` gives it away.
   *
   * @throws {TypeError} when it is no unix socket of a type that is known here; it is left open
   * @throws {SystemError} EBADF
   */
  static attach(target: FdLike, options?: SocketOptions): UnixStream {
    const own = readAttachOptions(options);
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
  static pair(options?: UnixPairOptions): [UnixStream, UnixStream] {
    const { type = 'stream', ...own } = readPairOptions(options);
    const answer = socketpair(AF_UNIX, unixTypeNumber(type) | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (typeof answer === 'number') throw new SystemError(answer, 'socketpair', {}, creationAdvice(answer));
    return answer.map((fd) => new UnixStream(fd, type, null, own)) as [UnixStream, UnixStream];
  }

  /**
   * The name of the own end: the listener's, where it accepted the connection.
   *
   * @throws {ClosedError} after `close()`.
   */
  get localPath(): UnixPath | null {
    return unixPath(localName(this.fd));
  }

  /** The name of the other end; it can be asked for after `close()` too. null where it has none, as most clients. */
  get remotePath(): UnixPath | null {
    return this.#remote;
  }

  /** Who is at the other end (SO_PEERCRED). @throws {ClosedError} after `close()`. */
  get peerCredentials(): PeerCredentials {
    return peerCredentials(this.fd);
  }

  /**
   * As `ByteStream.tryWrite`; of a `'seqpacket'` connection it sends all of it, as one message, or nothing.
   *
   * @throws {RangeError} for an empty message
   * @throws {SystemError} EMSGSIZE for a message that is longer than the send buffer
   */
  override tryWrite(data: Uint8Array): number | null {
    if (this.type !== 'stream') checkMessage([data]);
    return super.tryWrite(data);
  }

  /** As `ByteStream.tryWritev`; of a `'seqpacket'` connection the buffers, at most 1024, are one message. */
  override tryWritev(data: readonly Uint8Array[]): number | null {
    if (this.type !== 'stream') checkMessage(data);
    return super.tryWritev(data);
  }

  /** As `ByteStream.writev`; of a `'seqpacket'` connection the buffers, at most 1024, are one message. */
  override async writev(data: readonly Uint8Array[], options: OperationOptions = {}): Promise<void> {
    if (this.type !== 'stream') checkMessage(data);
    await super.writev(data, options);
  }

  /**
   * Sends bytes, and open descriptors with the first of them (SCM_RIGHTS): the receiver gets descriptors of its own for
   * the same open files, and these here stay as they are.
   *
   * @param data at least one byte
   * @param fds 1 to 253 of them
   * @returns the number of bytes, which can be less than asked: the descriptors are sent then, and the rest of the
   *   bytes is to be written without them; null where it would wait, and nothing was sent
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
    const answer = sendPassed(fd, data, rights);
    const advice = rightsAdvice(answer);
    if (advice === undefined) return this.channel.countWritten(answer, 'sendmsg');
    throw this.failed(answer, 'sendmsg', advice);
  }

  /**
   * Sends all of the bytes, and the descriptors with the first of them, in turn with other writes. They must stay open
   * until the promise is settled.
   *
   * @throws (as a rejection) what `trySendFds` throws; the signal's reason, or a TimeoutError: then nothing was sent,
   *   or `bytesWritten` tells how far it came
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
   * Reads as `tryRead`, and takes the descriptors that came with the bytes. It ends behind such bytes, so that those of
   * two sendings are not mixed.
   *
   * @returns null where it would wait; with 0 bytes at the end
   * @throws {SystemError} EMFILE when there is no room for all of the descriptors: nothing was taken, and it can be
   *   tried again
   * @throws {Error} when someone else reads from the same socket at the same time
   * @throws what `tryRead` throws
   */
  tryReceiveFds(into: Uint8Array): ReceivedFds | null {
    const { fd } = this;
    this.adapters.refuse('receive from', 'read');
    checkRoom(into);
    if (!this.readiness.mayRead) return null;
    let passed: ReturnType<typeof receivePassed>;
    do {
      const refused = this.type === 'stream' ? 0 : refuseLonger(this, fd, byteLengthOf(into));
      passed = refused < 0 ? { answer: refused, fds: [] } : receivePassed(fd, into);
    } while (passed.answer === -EINTR);
    const count = this.channel.countRead(passed.answer, 'recvmsg');
    return count === null ? null : { bytes: count, fds: passed.fds.map((received) => new ReceivedFd(received)) };
  }

  /**
   * Receives as `tryReceiveFds`, and waits until there is something.
   *
   * @throws (as a rejection) what it throws; as `read`
   */
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
