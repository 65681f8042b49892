import type { Variant } from '../suite/measure.ts';
import { c, clientPin, inBun, node, together } from '../suite/peers.ts';
import { loaded } from './loaded.ts';

/** Connections that are accepted and closed, 64 at once. */
export function accept(): Variant[] {
  return loaded('accept', 'acceptClient', () => [
    {
      name: '64 connections at once',
      unit: 'connection',
      effort: { sliceMs: 40, rounds: 11 },
      rate: { unit: 'connections', operations: 1 },
      ...together(
        node('ours', 'ours/accept', '64', clientPin),
        c('accept', '64', clientPin),
        node('node:net', 'peers/node/netAccept', '64', clientPin),
        inBun('peers/node/netAccept', '64', clientPin),
      ),
    },
  ]);
}
