import type { JsonEvent } from './watchProcess.ts';

const restMs = 100;
// Timers and the clock of the events are of whole milliseconds.
const roundMs = 10;

/**
 * Whether there was a rest of 100 ms between each two events.
 *
 * Counted from the first or the second of them: a rest begins with the turn of the loop that has the event, and where
 * the machine stops the process just then, the event has a later time, and the next one comes sooner after it.
 */
export function restedBetween(events: readonly JsonEvent[]): boolean {
  const times = events.map(({ time }) => Date.parse(time));
  const last = times.length - 1;
  return times.slice(0, 2).some((time, index) => (times[last] ?? 0) - time >= (last - index) * restMs - roundMs);
}
