/** A value of `detail`: what JSON can hold. */
export type DetailValue = string | number | boolean | null | readonly DetailValue[] | Detail;

/** What was read, by name. The names are the same in `--json`. */
export interface Detail {
  readonly [name: string]: DetailValue;
}

/** One readiness event, as it is shown. */
export interface WatchedEvent {
  readonly time: Date;
  /** The source's name as the user typed it. */
  readonly source: string;
  readonly fd: number;
  /** What the kernel reported. */
  readonly mask: number;
  readonly detail: Detail;
}

/** A number that may be beyond what JSON readers keep exactly: then as text. */
export function wholeNumber(value: bigint): number | string {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : String(value);
}
