import type { Variant } from '../suite/measure.ts';
import { c } from '../suite/peers.ts';

/** The variants of a case whose load client is in C, outside of what is measured; none where it can't be compiled. */
export function loaded(name: string, client: string, variants: () => Variant[]): Variant[] {
  const { skipped } = c(client);
  if (skipped.length === 0) return variants();
  console.log(`${name} is skipped as its load client is written in C: ${skipped.join()}`);
  return [];
}
