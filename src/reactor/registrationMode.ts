import { EPOLLET, EPOLLONESHOT } from '../sys/index.ts';

// How a registration behaves, as bits of one number: it is asked for each event.

/** It reports on each turn while the descriptor is ready. */
export const LEVEL = 1;
/** It is disarmed when it has fired. */
export const ONESHOT = 2;
/** It is armed only while somebody waits. */
export const ON_DEMAND = 4;

/**
 * What follows from the mask.
 *
 * Without a handler an entry that is not edge-triggered is armed on demand: it would spin otherwise. Not a direct entry (see
 * DirectEntry), whose poll method uses the event up: it reports once as it is, and arming would use up what came in between.
 * It is never disarmed either: it keeps what comes for the next wait.
 */
export function modeOf(mask: number, { handled, direct }: { handled: boolean; direct: boolean }): number {
  const edge = (mask & EPOLLET) !== 0;
  const oneshot = (mask & EPOLLONESHOT) !== 0;
  if (direct) return oneshot && handled ? ONESHOT : 0;
  if (!handled && (!edge || oneshot)) return ON_DEMAND | (oneshot ? ONESHOT : 0);
  return oneshot ? ONESHOT : edge ? 0 : LEVEL;
}
