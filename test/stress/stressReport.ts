/** What a stress run saw. */
export interface StressReport {
  readonly counts: Readonly<Record<string, number>>;
  /** What was not as it must be; empty when all was. */
  readonly faults: readonly string[];
}
