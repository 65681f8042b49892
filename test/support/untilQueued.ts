import { existsSync, readFileSync } from 'node:fs';
import { until } from './loopTurns.ts';

/**
 * Resolves when so many connections wait in the queues of the listeners at a port, of whatever address. A client is
 * connected before its connection is there: when the listener's answer has come, and not when its own to that has gone
 * back.
 */
export function untilQueued(port: number, count: number): Promise<void> {
  return until(`${count} connections are queued at port ${port}`, () => queued(port) === count);
}

// What the kernel shows as the receive queue of a socket that listens, which is in state 0A (get_tcp4_sock in
// tcp_ipv4.c). TCP_INFO tells it too, but qemu-user does not pass that on.
function queued(port: number): number | undefined {
  const local = port.toString(16).toUpperCase().padStart(4, '0');
  const row = new RegExp(`^ *\\d+: [0-9A-F]+:${local} 0+:0000 0A [0-9A-F]+:([0-9A-F]+) `, 'gm');
  const files = ['/proc/net/tcp', '/proc/net/tcp6'].filter((file) => existsSync(file));
  const found = files.flatMap((file) => [...readFileSync(file, 'utf8').matchAll(row)]);
  if (found.length === 0) return undefined;
  return found.reduce((sum, [, hex = '']) => sum + Number.parseInt(hex, 16), 0);
}
