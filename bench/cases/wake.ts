import type { Variant } from '../suite/measure.ts';
import { c, node, together } from '../suite/peers.ts';

/** A round trip between two threads or processes. Pinned to one core, each trip is two switches. */
export function wake(): Variant[] {
  const atomics = node('Atomics.wait', 'ours/wake', 'atomics');
  const message = node('postMessage', 'ours/wake', 'message');
  const trip = { unit: 'round trip' };
  return [
    {
      ...trip,
      name: 'worker and back, two eventfds',
      ...together(node('ours', 'ours/wake', 'eventfd'), c('wake', 'thread'), atomics, message),
      targets: [{ peer: 'Atomics.wait', least: 1 / 0.65 }],
    },
    {
      ...trip,
      name: 'worker and back, two reactors with wakers',
      ...together(node('ours', 'ours/wakeReactor'), c('wake', 'thread'), atomics, message),
    },
    {
      ...trip,
      name: 'process and back, two eventfds (CPU of the asking one)',
      ...together(node('ours', 'ours/wakeProcess'), c('wake', 'process'), node('process.send', 'peers/node/ipcWake')),
    },
  ];
}
