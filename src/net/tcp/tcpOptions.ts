import { integerIn } from '../../sys/argument.ts';
import {
  IPPROTO_TCP,
  SO_KEEPALIVE,
  SO_LINGER,
  SOL_SOCKET,
  TCP_KEEPCNT,
  TCP_KEEPIDLE,
  TCP_KEEPINTVL,
  TCP_NODELAY,
} from '../../sys/index.ts';
import { setBooleanOption, setIntOption, type SocketOption } from '../core/socketOption.ts';

/** When a quiet connection is probed. What is left out stays as it is. */
export interface KeepAlive {
  /** Seconds without traffic before the first probe (TCP_KEEPIDLE), 1 to 32767. */
  readonly idleSeconds?: number;
  /** Seconds between probes (TCP_KEEPINTVL), 1 to 32767. */
  readonly intervalSeconds?: number;
  /** Probes without an answer that end the connection with ETIMEDOUT (TCP_KEEPCNT), 1 to 127. */
  readonly count?: number;
}

const option = (level: number, number: number, name: string): SocketOption => ({ level, option: number, name });

/** The socket options of a TCP connection that users set. */
export const tcpOptions: Readonly<Record<'noDelay' | 'keepAlive' | 'linger', SocketOption>> = {
  noDelay: option(IPPROTO_TCP, TCP_NODELAY, 'noDelay'),
  keepAlive: option(SOL_SOCKET, SO_KEEPALIVE, 'keepAlive'),
  linger: option(SOL_SOCKET, SO_LINGER, 'linger'),
};

const times = {
  idle: option(IPPROTO_TCP, TCP_KEEPIDLE, 'idleSeconds'),
  interval: option(IPPROTO_TCP, TCP_KEEPINTVL, 'intervalSeconds'),
  count: option(IPPROTO_TCP, TCP_KEEPCNT, 'count'),
};

/** Switches keep-alive on, with these times. @throws {TypeError | RangeError | SystemError} */
export function setKeepAliveTimes(fd: number, { idleSeconds, intervalSeconds, count }: KeepAlive): void {
  const wanted = [
    [times.idle, idleSeconds, 32_767],
    [times.interval, intervalSeconds, 32_767],
    [times.count, count, 127],
  ] as const;
  for (const [{ name }, value, most] of wanted) if (value !== undefined) integerIn(value, name, 1, most);
  for (const [which, value] of wanted) if (value !== undefined) setIntOption(fd, which, value);
  setBooleanOption(fd, tcpOptions.keepAlive, true);
}
