import { timespecMs, timespecSize } from './abi/timespec.ts';
import { answer, FixedMemory, foreign } from './ffi/foreign.ts';

// linux/time.h
const CLOCK_MONOTONIC = 1;
const nsPerMs = 1_000_000;

const gettime = foreign('clock_gettime', ['int', 'address'], 'int', (bound) => {
  return (clock, time) => answer(bound()(clock, time));
});
const time = new Uint32Array(timespecSize / 4);
const timeMemory = new FixedMemory(time);
let firstSecond = -1;

/**
 * Whole milliseconds since a clock of this file was asked first, for what happens with each event: `performance.now()`
 * makes an object per call, 16 bytes (Node 20), and this makes none for 24 days.
 *
 * Nothing else in `src` asks a clock: tests replace those of the global object, and a wait that used one would never
 * end.
 */
export function monotonicMs(): number {
  ask();
  return timespecMs(time, firstSecond);
}

/** As `monotonicMs`, with the fraction that a deadline needs. */
export function preciseMs(): number {
  ask();
  return timespecMs(time, firstSecond) + ((time[2] as number) % nsPerMs) / nsPerMs;
}

function ask(): void {
  gettime(CLOCK_MONOTONIC, timeMemory.address);
  if (firstSecond < 0) firstSecond = time[0] as number;
}
