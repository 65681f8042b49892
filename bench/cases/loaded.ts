import type { Variant } from '../suite/measure.ts';
import { c } from '../suite/peers.ts';

/**
 * How long a server under load takes to get warm, in CPU time. A message of `echo` cost 7.9 µs in the first 0.3 s, 6.0
 * after 0.8 s, and 5.4 to 5.7 from 1 s on (ours; Node 20.20, 64 connections, one run on a busy machine); node:net's
 * fell from 9.7 to 8.0 within 2.5 s, that of C did not fall. V8's compiler is the likely reason, which was not proved.
 */
export const serverWarmUpMs = 1200;

/** The variants of a case whose load client is in C, outside of what is measured; none where it can't be compiled. */
export function loaded(name: string, client: string, variants: () => Variant[]): Variant[] {
  const { skipped } = c(client);
  if (skipped.length === 0) return variants();
  console.log(`${name} is skipped as its load client is written in C: ${skipped.join()}`);
  return [];
}
