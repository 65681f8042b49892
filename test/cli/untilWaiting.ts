import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';

const hangMs = 30_000;

/**
 * Waits until so many connections to a listener on 127.0.0.1 can be accepted: a client is connected before the last packet of its
 * handshake has come to the listener.
 */
export async function untilWaiting(port: number, count: number): Promise<void> {
  const deadline = performance.now() + hangMs;
  while (waiting(port) !== count) {
    assert.ok(performance.now() < deadline, `${waiting(port)} connections and not ${count} wait at port ${port}`);
    await setTimeout(5);
  }
}

/** What the kernel shows as the receive queue of a socket that listens (state 0A): the connections that wait (tcp(7), proc(5)). */
function waiting(port: number): number {
  const local = port.toString(16).toUpperCase().padStart(4, '0');
  const row = new RegExp(`^ *\\d+: 0100007F:${local} 00000000:0000 0A [0-9A-F]+:([0-9A-F]+) `, 'm');
  return Number.parseInt(row.exec(readFileSync('/proc/net/tcp', 'utf8'))?.[1] ?? '', 16);
}
