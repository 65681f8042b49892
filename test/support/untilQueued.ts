import type { TcpListener } from 'epoll-ts/net';
import { getsockopt, IPPROTO_TCP, TCP_INFO } from 'epoll-ts/sys';
import { until } from './loopTurns.ts';

/** `tcpi_unacked` of struct tcp_info: for a socket that listens, how many connections wait for accept (tcp_get_info in tcp.c). */
const queuedAt = 24;

/**
 * Resolves when so many connections wait in a listener's queue. A client is connected before its connection is there: when the
 * listener's answer has come, and not when its own to that has gone back.
 */
export function untilQueued({ fd }: TcpListener, count: number): Promise<void> {
  const info = new DataView(new ArrayBuffer(256));
  const bytes = new Uint8Array(info.buffer);
  return until(`${count} connections are queued`, () => {
    const length = getsockopt(fd, IPPROTO_TCP, TCP_INFO, bytes);
    return length > queuedAt && info.getUint32(queuedAt, true) === count;
  });
}
