const units: ReadonlyMap<string, bigint> = new Map([
  ['ns', 1n],
  ['us', 1_000n],
  ['ms', 1_000_000n],
  ['s', 1_000_000_000n],
  ['m', 60_000_000_000n],
]);

/** Nanoseconds of `100ms`, `1.5s`; null for anything else, for 0, and for what is no whole number of nanoseconds. */
export function parseDuration(text: string): bigint | null {
  const [, whole = '', fraction = '', name = ''] = /^(\d{1,12})(?:\.(\d{1,12}))?(ns|us|ms|s|m)$/.exec(text) ?? [];
  const unit = units.get(name);
  if (unit === undefined) return null;
  const scaled = BigInt(fraction === '' ? '0' : fraction) * unit;
  const divisor = 10n ** BigInt(fraction.length);
  if (scaled % divisor !== 0n) return null;
  const ns = BigInt(whole) * unit + scaled / divisor;
  return ns === 0n ? null : ns;
}

/** Milliseconds for a person to read: `350 ms`, `4.2 s`, `3 min 5 s`. */
export function formatMs(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
