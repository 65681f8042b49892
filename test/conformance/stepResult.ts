/** One event of a wait: who is registered under the event's data (or the data itself in hexadecimal), and the mask. */
export type WaitEvent = readonly [who: string, mask: number];
/** One inotify record: the watch's name, the words of its mask, the file's name. */
export type InotifyWords = readonly [watch: string, mask: string, name: string];

/** What a step gave; the members are called as in a catalogue's expectations. */
export interface StepResult {
  /** What the call returned, -1 for an error; a word (`fd`, `wd`, `pid`, `same`) where the number is of no interest. */
  readonly ret?: number | string | boolean;
  /** The error's name. */
  readonly errno?: string;
  readonly events?: readonly WaitEvent[];
  readonly value?: string;
  readonly elapsed_ms?: number;
  readonly value_ms?: number;
  readonly interval_ms?: number;
  readonly inotify?: readonly InotifyWords[];
  readonly cookies?: readonly number[];
  readonly signals?: readonly string[];
  readonly ssi_int?: readonly number[];
  readonly ssi_code?: readonly number[];
  readonly ssi_pid?: readonly string[];
  readonly status?: number;
  /** The results of each round of a `repeat`. */
  readonly rounds?: readonly (readonly StepResult[])[];
  /** Why the step could not be carried out at all. */
  readonly error?: string;
}

/**
 * Thrown by a verb whose step can't be carried out: a name that nothing made, a preparation that the system refuses.
 */
export class StepError extends Error {
  static {
    this.prototype.name = 'StepError';
  }
}
