import type { Variant } from '../suite/measure.ts';
import { c, node, together } from '../suite/peers.ts';

/** What idle members cost the others: 64 are ready beside them. The peer named `ours, 10 idle` is the base. */
export function idle(): Variant[] {
  return ['1000', '10000'].map((members) => ({
    name: `64 ready beside ${members} idle`,
    unit: 'event',
    ...together(
      node('ours', 'ours/dispatch', 'blocking', '64', 'level', members),
      node('ours, 10 idle', 'ours/dispatch', 'blocking', '64', 'level', '10'),
      c('dispatch', '64', 'level', members),
    ),
    targets: [{ peer: 'ours, 10 idle', least: 1 / 1.1 }],
  }));
}
