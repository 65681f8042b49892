import type { Variant } from '../suite/measure.ts';
import { bun, c, clientPin, node, together } from '../suite/peers.ts';
import { loaded, serverWarmUpMs } from './loaded.ts';

// Slices long enough that how one begins (the client wakes up, memory is cold) is little of it. With one connection a
// slice mostly waits, so a short one does.
const effort = { sliceMs: 60, rounds: 9, warmUpMs: serverWarmUpMs };
const waiting = { ...effort, sliceMs: 20 };
const targets = [
  { peer: 'c', least: 1 / 1.15 },
  { peer: 'node:net', least: 1 / 0.7 },
];

/** A server that sends back what comes: ours on `epoll-ts/sys` and a reactor, and on TcpStream. */
export function echo(): Variant[] {
  return loaded('echo', 'echoClient', () => {
    const shapes = ['1', '64', '256', '1000'].map((connections) => ({ connections, size: '64' }));
    return [...shapes, { connections: '64', size: '16384' }].map(({ connections, size }) => ({
      name: `${connections} connections, ${size} bytes`,
      unit: 'message',
      effort: connections === '1' ? waiting : effort,
      ...together(
        node('ours', 'ours/echo', connections, size, clientPin),
        node('ours, TcpStream', 'ours/netEcho', connections, size, clientPin),
        c('echo', connections, size, clientPin),
        node('node:net', 'peers/node/netEcho', connections, size, clientPin),
        bun('echo', connections, size, clientPin),
      ),
      ...(size === '64' && (connections === '64' || connections === '256') ? { targets } : {}),
    }));
  });
}
