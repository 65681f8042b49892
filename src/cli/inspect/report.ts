import type { Finding, ProcessSnapshot } from '../../inspect/index.ts';

/** A process as it was last seen, with what is wrong. */
export interface Report {
  readonly snapshot: ProcessSnapshot;
  readonly findings: readonly Finding[];
}
