import { timespecMs, timespecSize } from './abi/timespec.ts';
import { answer, FixedMemory, foreign } from './ffi/foreign.ts';

// linux/time.h
const CLOCK_MONOTONIC = 1;

const gettime = foreign('clock_gettime', ['int', 'address'], 'int', (bound) => {
  return (clock, time) => answer(bound()(clock, time));
});
const time = new Uint32Array(timespecSize / 4);
const timeMemory = new FixedMemory(time);
let firstSecond = -1;

/**
 * Whole milliseconds since this was asked first, on the clock of `performance.now()`, for what happens with each event: that one
 * makes an object per call, 16 bytes (Node 20), and this makes none for 24 days.
 */
export function monotonicMs(): number {
  gettime(CLOCK_MONOTONIC, timeMemory.address);
  if (firstSecond < 0) firstSecond = time[0] as number;
  return timespecMs(time, firstSecond);
}
