import { type FdLike, fdToTakeOver } from '../../fd/fdLike.ts';
import { check, type SystemErrorSubject } from '../../fd/systemError.ts';
import { describe, integerIn } from '../../sys/argument.ts';
import { AF_UNIX, listen, SO_ACCEPTCONN, type Sockaddr, SOL_SOCKET, SOMAXCONN } from '../../sys/index.ts';
import { localName } from '../address/inetAddress.ts';
import { Listener, type ListenerOptions, listenerOptions } from '../stream/listener.ts';
import { adopted, around, given, newSocket, socketType } from '../core/madeSocket.ts';
import { type SocketOptions, socketOptions } from '../core/socket.ts';
import { SocketFile, type SocketFileOptions } from './socketFile.ts';
import { booleanOption } from '../core/socketOption.ts';
import {
  isAbstract,
  unixKinds,
  type UnixPath,
  unixPath,
  unixSockaddr,
  unixSubject,
  type UnixType,
  unixTypeNumber,
  unixTypeOf,
} from '../address/unixAddress.ts';
import { UnixStream } from './unixStream.ts';
import { inspectable } from '../../fd/inspectable.ts';

/** How a `UnixListener` listens. */
export interface UnixListenOptions extends ListenerOptions, SocketFileOptions {
  /** A file to make, of at most 107 bytes; or, behind a NUL (`'\0name'`), an abstract name. `'@name'` is a file of that name. A name that is not UTF-8 is given as bytes. */
  readonly path: UnixPath;
  /** `'stream'` by default; `'seqpacket'` keeps the boundaries of messages. */
  readonly type?: UnixType;
  /** How many connections may wait to be accepted; the kernel lowers it to net.core.somaxconn. 4096 by default. */
  readonly backlog?: number;
}

const listening = { level: SOL_SOCKET, option: SO_ACCEPTCONN, name: 'SO_ACCEPTCONN' };

/**
 * Listens for unix connections. `close()` removes the socket file that it made, and only that one; a program that ends without
 * leaves it behind.
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
   * @throws {SystemError} EADDRINUSE, EACCES, ENOENT (the directory), EMFILE, ENFILE, with the `path` and what can be done
   * @throws {TypeError | RangeError} for a wrong option, such as a path that is too long
   */
  constructor(options: UnixListenOptions) {
    const own = listenerOptions(options);
    const { fd, type, file } = options instanceof Attached ? options : listenAt(options);
    super(fd, own, UnixListener);
    this.type = type;
    this.#options = { ...socketOptions(own), origin: 'by a UnixListener' };
    this.#file = file;
  }

  /**
   * Takes over a listening unix socket: that another thread gave away, that was inherited (systemd's socket activation) or
   * came with SCM_RIGHTS. It becomes close-on-exec and non-blocking. Its file is not removed by `close()`. An object that
   * owns it and has `detach` gives it away.
   *
   * @throws {TypeError} when it is no listening unix socket; it is left open
   * @throws {SystemError} EBADF
   */
  static attach(target: FdLike, options: ListenerOptions = {}): UnixListener {
    const own = { ...options };
    const fd = adopted(fdToTakeOver(target), 'UnixListener', unixKinds);
    if (!booleanOption(fd, listening)) {
      throw new TypeError(`Cannot use fd ${fd} as a UnixListener as it must be listening: call listen(2) first`);
    }
    const [path, type] = [unixPath(localName(fd)) ?? '', unixTypeOf(socketType(fd))];
    return new UnixListener(new Attached(given(target, fd), path, type, own));
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
   * Gives the listening socket away, open: see `TcpStream.detach`. Its file stays: whoever closes the socket removes it.
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

// What `attach` hands to the constructor.
class Attached implements UnixListenOptions {
  readonly fd: number;
  readonly path: UnixPath;
  readonly type: UnixType;
  readonly file = undefined;

  constructor(fd: number, path: UnixPath, type: UnixType, options: ListenerOptions) {
    Object.assign(this, options);
    this.fd = fd;
    this.path = path;
    this.type = type;
  }
}

function listenAt(options: UnixListenOptions): { fd: number; type: UnixType; file: SocketFile } {
  const { path, type = 'stream', backlog = SOMAXCONN } = checked(options);
  const fd = newSocket(AF_UNIX, unixTypeNumber(type));
  return around(fd, () => {
    const file = SocketFile.bind(fd, path, options);
    try {
      check(listen(fd, backlog), 'listen', { fd, ...unixSubject(path) });
    } catch (error) {
      file.remove();
      throw error;
    }
    return { fd, type, file };
  });
}

// Before anything is made.
function checked(options: UnixListenOptions): UnixListenOptions {
  const { path, type, backlog, mode, replaceStale } = options;
  unixSockaddr(path);
  if (type !== undefined) unixTypeNumber(type);
  if (backlog !== undefined) integerIn(backlog, 'backlog', 0, 0x7fff_ffff);
  if (mode !== undefined) {
    integerIn(mode, 'mode', 0, 0o777);
    if (isAbstract(path)) {
      throw new TypeError("Cannot use 'mode' as the path must be that of a file: an abstract name has no permissions");
    }
  }
  if (replaceStale !== undefined && typeof replaceStale !== 'boolean') {
    throw new TypeError(
      `Cannot use 'replaceStale' as it must be a boolean: current value is ${describe(replaceStale)}`,
    );
  }
  return options;
}
