import type { Variant } from '../suite/measure.ts';
import { c, clientPin, inBun, node, together } from '../suite/peers.ts';
import { loaded, serverWarmUpMs } from './loaded.ts';

/** One connection that carries as much as it can, in pieces of 64 KiB. */
export function stream(): Variant[] {
  return loaded('stream', 'streamClient', () =>
    ['receive', 'send'].map((direction) => ({
      name: direction,
      unit: 'MiB',
      effort: { sliceMs: 40, rounds: 9, warmUpMs: serverWarmUpMs },
      rate: { unit: 'GiB', operations: 1024 },
      ...together(
        node('ours, TcpStream', 'ours/stream', 'TcpStream', direction, clientPin),
        node('ours, Duplex', 'ours/stream', 'Duplex', direction, clientPin),
        c('stream', direction, clientPin),
        node('node:net', 'peers/node/netStream', direction, clientPin),
        inBun('peers/node/netStream', direction, clientPin),
      ),
      targets: [{ peer: 'node:net', least: 1.2 }],
    })),
  );
}
