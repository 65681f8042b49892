import type { TimerfdTarget } from '../target.ts';

// linux/time.h; timerfd_create(2) takes 0, 1, 7, 8 and 9.
const clocks: ReadonlyMap<number, string> = new Map([
  [0, 'CLOCK_REALTIME'],
  [1, 'CLOCK_MONOTONIC'],
  [7, 'CLOCK_BOOTTIME'],
  [8, 'CLOCK_REALTIME_ALARM'],
  [9, 'CLOCK_BOOTTIME_ALARM'],
]);

/** Reads the fdinfo of a timerfd (Linux 3.17). `it_value` is what is left, of an absolute timer too. */
export function parseTimerfdFdinfo(text: string): TimerfdTarget {
  const id = /^clockid:\s*(\d+)$/m.exec(text)?.[1];
  return {
    kind: 'timerfd',
    clock: id === undefined ? null : (clocks.get(Number(id)) ?? `clock ${id}`),
    ticks: /^ticks:\s*(\d+)$/m.exec(text)?.[1] ?? null,
    remainingNs: pair(text, 'it_value'),
    intervalNs: pair(text, 'it_interval'),
  };
}

function pair(text: string, name: string): string | null {
  const [, seconds, nanoseconds = ''] = new RegExp(`^${name}: \\((\\d+), (\\d+)\\)$`, 'm').exec(text) ?? [];
  return seconds === undefined ? null : (BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds)).toString();
}
