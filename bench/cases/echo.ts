import type { Variant } from '../suite/measure.ts';
import { bun, c, clientPin, node, together } from '../suite/peers.ts';

/** A server that sends back what comes, under a load client in C that is outside of what is measured. */
export function echo(): Variant[] {
  const { skipped } = c('echoClient');
  if (skipped.length > 0) {
    console.log(`echo is skipped as its load client is written in C: ${skipped.join()}`);
    return [];
  }
  const shapes = ['1', '64', '256', '1000'].map((connections) => ({ connections, size: '64' }));
  return [...shapes, { connections: '64', size: '16384' }].map(({ connections, size }) => ({
    name: `${connections} connections, ${size} bytes`,
    unit: 'message',
    ...together(
      node('ours', 'ours/echo', connections, size, clientPin),
      c('echo', connections, size, clientPin),
      node('node:net', 'peers/node/netEcho', connections, size, clientPin),
      bun('echo', connections, size, clientPin),
    ),
    ...(size === '64' && (connections === '64' || connections === '256')
      ? {
          targets: [
            { peer: 'c', least: 1 / 1.15 },
            { peer: 'node:net', least: 1 / 0.7 },
          ],
        }
      : {}),
  }));
}
