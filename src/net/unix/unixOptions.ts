import { aBoolean, anInteger, required } from '../../sys/optionKind.ts';
import { type OptionKind, type OptionsReader, optionsReader } from '../../sys/optionsReader.ts';
import { type UnixPath, unixSockaddr, type UnixType, unixTypeNumber } from '../address/unixAddress.ts';
import type { OperationOptions } from '../core/deadline.ts';
import { operationKinds, socketKinds } from '../core/optionKinds.ts';
import type { SocketOptions } from '../core/socket.ts';
import { listenerKinds, type ListenerOptions } from '../stream/listener.ts';
import type { SocketFileOptions } from './socketFile.ts';

/** How `UnixStream.connect` connects. */
export interface UnixConnectOptions extends OperationOptions, SocketOptions {
  /**
   * A socket file, of at most 107 bytes; or, behind a NUL (`'\0name'`), an abstract name. `'@name'` is a file of that
   * name. A name that is not UTF-8 is given as bytes.
   */
  readonly path: UnixPath;
  /** What the listener has: `'stream'` by default. */
  readonly type?: UnixType;
}

/** How `UnixStream.pair` makes a pair. */
export interface UnixPairOptions extends SocketOptions {
  /** `'stream'` by default. */
  readonly type?: UnixType;
}

/** How a `UnixListener` listens. */
export interface UnixListenOptions extends ListenerOptions, SocketFileOptions {
  /** A file to make; otherwise as that of `UnixStream.connect`. */
  readonly path: UnixPath;
  /** `'stream'` by default; `'seqpacket'` keeps the boundaries of messages. */
  readonly type?: UnixType;
  /** How many connections may wait to be accepted; the kernel lowers it to net.core.somaxconn. 4096 by default. */
  readonly backlog?: number;
}

const aUnixPath: OptionKind<UnixPath> = (value) => {
  const path = value as UnixPath;
  unixSockaddr(path);
  // A copy: the kernel is asked more than once.
  return typeof path === 'string' ? path : Uint8Array.from(path);
};

const aUnixType: OptionKind<UnixType> = (value) => {
  unixTypeNumber(value as UnixType);
  return value as UnixType;
};

/** @throws {TypeError | RangeError} for a wrong option */
export const readConnectOptions: OptionsReader<UnixConnectOptions> = optionsReader<UnixConnectOptions>(
  'connect',
  "{ path: '/run/service.sock' }",
  { ...operationKinds, ...socketKinds, path: required(aUnixPath), type: aUnixType },
);

/** @throws {TypeError} for a wrong option */
export const readPairOptions: OptionsReader<UnixPairOptions> = optionsReader<UnixPairOptions>(
  'make a pair',
  "{ type: 'seqpacket' }",
  { ...socketKinds, type: aUnixType },
);

/** @throws {TypeError | RangeError} for a wrong option */
export const readListenOptions: OptionsReader<UnixListenOptions> = optionsReader<UnixListenOptions>(
  'listen',
  "{ path: '/run/service.sock' }",
  {
    ...listenerKinds,
    path: required(aUnixPath),
    type: aUnixType,
    backlog: anInteger(0, 0x7fff_ffff),
    mode: anInteger(0, 0o777),
    replaceStale: aBoolean,
  },
);

/** @throws {TypeError} for a wrong option */
export const readAttachOptions: OptionsReader<SocketOptions> = optionsReader<SocketOptions>(
  'use a connection',
  '{ reactor }',
  socketKinds,
);

/** @throws {TypeError} for a wrong option */
export const readAttachListenerOptions: OptionsReader<ListenerOptions> = optionsReader<ListenerOptions>(
  'use a listener',
  '{ exclusive: true }',
  listenerKinds,
);
