import type { Variant } from '../suite/measure.ts';
import { node, together } from '../suite/peers.ts';

/** A round trip between two threads. Pinned to one core, each trip is two switches of the thread. */
export function wake(): Variant[] {
  return [
    {
      name: 'worker and back',
      unit: 'round trip',
      ...together(
        node('ours', 'ours/wake', 'eventfd'),
        node('Atomics.wait', 'ours/wake', 'atomics'),
        node('postMessage', 'ours/wake', 'message'),
      ),
      targets: [{ peer: 'Atomics.wait', least: 1 / 0.65 }],
    },
  ];
}
