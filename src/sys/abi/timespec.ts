const nsPerSecond = 1_000_000_000n;

/** Bytes of `struct timespec` where time_t has 64 bits: seconds, then nanoseconds. */
export const timespecSize = 16;
/** Bytes of `struct itimerspec`: it_interval, then it_value. */
export const itimerspecSize = 32;

/** The largest duration whose seconds fit time_t. */
export const maxTimespecNs: bigint = (2n ** 63n - 1n) * nsPerSecond;

/** A timer's setting: nanoseconds to the next expiration (0: disarmed) and between expirations (0: only one). */
export interface Itimerspec {
  valueNs: bigint;
  intervalNs: bigint;
}

/** Writes nanoseconds as a timespec at a byte offset. A negative duration gives what the kernel refuses with EINVAL. */
export function encodeTimespec(view: DataView, offset: number, ns: bigint): void {
  view.setBigInt64(offset, ns / nsPerSecond, true);
  view.setBigInt64(offset + 8, ns % nsPerSecond, true);
}

function decodeTimespec(view: DataView, offset: number): bigint {
  return view.getBigInt64(offset, true) * nsPerSecond + view.getBigInt64(offset + 8, true);
}

/** Writes a `struct itimerspec`. */
export function encodeItimerspec(view: DataView, spec: Readonly<Itimerspec>): void {
  encodeTimespec(view, 0, spec.intervalNs);
  encodeTimespec(view, timespecSize, spec.valueNs);
}

/** Reads a `struct itimerspec`. */
export function decodeItimerspec(view: DataView): Itimerspec {
  return { valueNs: decodeTimespec(view, timespecSize), intervalNs: decodeTimespec(view, 0) };
}

/**
 * The whole milliseconds between a second and a timespec that is not before it, given as 32-bit words; 2 ** 32 seconds
 * wrap.
 */
export function timespecMs(words: Uint32Array, second: number): number {
  return (((words[0] as number) - second) >>> 0) * 1000 + Math.floor((words[2] as number) / 1_000_000);
}
