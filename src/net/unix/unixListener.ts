import { type FdLike, fdToTakeOver } from '../../fd/fdLike.ts';
import type { SystemErrorSubject } from '../../fd/systemError.ts';
import { SO_ACCEPTCONN, type Sockaddr, SOL_SOCKET } from '../../sys/index.ts';
import { localName } from '../address/inetAddress.ts';
import { unixKinds, type UnixPath, unixPath, unixSubject, type UnixType, unixTypeOf } from '../address/unixAddress.ts';
import { adopted, given, socketType } from '../core/madeSocket.ts';
import { type SocketOptions, socketOptions } from '../core/socket.ts';
import { booleanOption } from '../core/socketOption.ts';
import { Listener, type ListenerOptions } from '../stream/listener.ts';
import { AttachedUnix, listenUnix } from './listenUnix.ts';
import type { SocketFile } from './socketFile.ts';
import { readAttachListenerOptions, readListenOptions, type UnixListenOptions } from './unixOptions.ts';
import { UnixStream } from './unixStream.ts';
import { inspectable } from '../../fd/inspectable.ts';

const listening = { level: SOL_SOCKET, option: SO_ACCEPTCONN, name: 'SO_ACCEPTCONN' };

/**
 * Listens for unix connections. `close()` removes the socket file that it made, and only that one; a program that ends
 * without leaves it behind.
 *
 * @see https://man7.org/linux/man-pages/man7/unix.7.html
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { UnixListener, UnixStream } from 'epoll-ts/net';
 *
 * const path = `\0example ${process.pid}`;
 * const listener = new UnixListener({ path });
 * const client = await UnixStream.connect({ path });
 * const server = await listener.accept();
 * assert.equal(server.peerCredentials.pid, process.pid);
 * assert.equal(client.remotePath, path);
 * for (const socket of [client, server, listener]) socket.close();
 * ```
 */
export class UnixListener extends Listener<UnixStream> {
  static {
    inspectable(this.prototype, { fd: ({ fd }) => fd, type: ({ type }) => type, local: ({ localPath }) => localPath });
  }

  /** What its connections carry. */
  readonly type: UnixType;
  readonly #options: SocketOptions & { readonly origin: string };
  #file: SocketFile | undefined;

  /**
   * Listens at a path or an abstract name.
   *
   * @throws {SystemError} EADDRINUSE, EACCES, ENOENT (the directory), EMFILE, ENFILE, with the `path` and what can be
   *   done
   * @throws {TypeError | RangeError} for a wrong option, such as a path that is too long
   */
  constructor(options: UnixListenOptions) {
    const { fd, type, file, own } = options instanceof AttachedUnix ? options : listenUnix(readListenOptions(options));
    super(fd, own, UnixListener);
    this.type = type;
    this.#options = { ...socketOptions(own), origin: 'by a UnixListener' };
    this.#file = file;
  }

  /**
   * Takes over a listening unix socket: that another thread gave away, that was inherited (systemd's socket activation)
   * or came with SCM_RIGHTS. It becomes close-on-exec and non-blocking. Its file is not removed by `close()`. An object
   * that owns it and has `detach` gives it away.
   *
   * @throws {TypeError} when it is no listening unix socket; it is left open
   * @throws {SystemError} EBADF
   */
  static attach(target: FdLike, options?: ListenerOptions): UnixListener {
    const own = readAttachListenerOptions(options);
    const fd = adopted(fdToTakeOver(target), 'UnixListener', unixKinds);
    if (!booleanOption(fd, listening)) {
      throw new TypeError(`Cannot use fd ${fd} as a UnixListener as it must be listening: call listen(2) first`);
    }
    const type = unixTypeOf(socketType(fd));
    return new UnixListener(new AttachedUnix(given(target, fd), type, own));
  }

  /** Its path, or its abstract name. null where it has none. @throws {ClosedError} after `close()`. */
  get localPath(): UnixPath | null {
    return unixPath(localName(this.fd));
  }

  /** @internal */
  protected override adopt(fd: number, from: Sockaddr | null): UnixStream {
    return new UnixStream(fd, this.type, unixPath(from), this.#options);
  }

  /**
   * Gives the listening socket away, open: see `TcpStream.detach`. Its file stays: whoever closes the socket removes
   * it.
   *
   * @throws {ClosedError} after `close()`
   */
  detach(): number {
    const fd = this.giveAway();
    this.#file = undefined;
    return fd;
  }

  /**
   * Removes the socket file that it made, and closes. Connections that wait to be accepted are reset.
   *
   * @throws Node's error EACCES, EPERM, EROFS when the file can't be removed; the listener is closed all the same
   * @throws as `OwnedFd.close`
   */
  override close(): void {
    const file = this.#file;
    this.#file = undefined;
    try {
      file?.remove();
    } finally {
      super.close();
    }
  }

  protected override get subject(): SystemErrorSubject {
    return unixSubject(this.localPath);
  }
}
