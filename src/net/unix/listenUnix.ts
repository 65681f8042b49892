import { check } from '../../fd/systemError.ts';
import { AF_UNIX, listen, SOMAXCONN } from '../../sys/index.ts';
import { isAbstract, unixSubject, type UnixType, unixTypeNumber } from '../address/unixAddress.ts';
import { around, newSocket } from '../core/madeSocket.ts';
import { type ListenerOptions, listenerOptions } from '../stream/listener.ts';
import { SocketFile } from './socketFile.ts';
import type { UnixListenOptions } from './unixOptions.ts';

/** A listening unix socket, and what its listener needs to know. */
export interface ListeningUnix {
  readonly fd: number;
  readonly type: UnixType;
  /** What the listener removes, where it made it. */
  readonly file: SocketFile | undefined;
  readonly own: ListenerOptions;
}

/** What `UnixListener.attach` hands to the constructor. */
export class AttachedUnix implements ListeningUnix {
  // As options have it; nothing reads it.
  readonly path = '';
  readonly fd: number;
  readonly type: UnixType;
  readonly file = undefined;
  readonly own: ListenerOptions;

  constructor(fd: number, type: UnixType, own: ListenerOptions) {
    this.fd = fd;
    this.type = type;
    this.own = own;
  }
}

/**
 * A new socket that listens.
 *
 * @throws {SystemError} with the `path`.
 *
 * @throws {TypeError} for a mode of an abstract name
 */
export function listenUnix(options: UnixListenOptions): ListeningUnix {
  const { path, type = 'stream', backlog = SOMAXCONN, mode } = options;
  if (mode !== undefined && isAbstract(path)) {
    throw new TypeError("Cannot use 'mode' as the path must be that of a file: an abstract name has no permissions");
  }
  const fd = newSocket(AF_UNIX, unixTypeNumber(type));
  return around(fd, () => {
    const file = SocketFile.bind(fd, path, options);
    try {
      check(listen(fd, backlog), 'listen', { fd, ...unixSubject(path) });
    } catch (error) {
      file.remove();
      throw error;
    }
    return { fd, type, file, own: listenerOptions(options) };
  });
}
