/** How a connection ended. */
export type ConnectionEnd = 'finished' | 'failed' | 'broken' | 'reset';

/** What became of a server's connections: when it has ended, `accepted` is the sum of the five after it. */
export interface ServeCounts {
  readonly accepted: number;
  /** Their handler was fulfilled, or closed or detached them. */
  readonly finished: number;
  /** Their handler threw, or was rejected. */
  readonly failed: number;
  /** Their handler was rejected because the peer had reset or left them: ECONNRESET, EPIPE, ETIMEDOUT. */
  readonly broken: number;
  /** They had not finished at the deadline. */
  readonly reset: number;
  /** A worker crashed while it handled them. */
  readonly lost: number;
  /** How many workers have crashed. */
  readonly crashes: number;
}

/** The counts of a server at work. */
export type RunningCounts = { -readonly [K in keyof ServeCounts]: ServeCounts[K] };

export function noCounts(): RunningCounts {
  return { accepted: 0, finished: 0, failed: 0, broken: 0, reset: 0, lost: 0, crashes: 0 };
}

/** How many connections have not ended. */
export function openOf({ accepted, finished, failed, broken, reset, lost }: ServeCounts): number {
  return accepted - finished - failed - broken - reset - lost;
}
