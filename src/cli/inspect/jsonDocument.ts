import type { Finding, ProcessSnapshot } from '../../inspect/index.ts';
import type { Report } from './report.ts';

/** What `epoll inspect --json` prints: docs/inspect.schema.json describes it. */
export interface JsonDocument {
  /** Raised when a member changes its meaning or goes away; new members may come without. */
  readonly version: 1;
  readonly processes: readonly (ProcessSnapshot & { readonly findings: readonly Finding[] })[];
}

/** The reports as one document. */
export function jsonDocument(reports: readonly Report[]): JsonDocument {
  return { version: 1, processes: reports.map(({ snapshot, findings }) => ({ ...snapshot, findings })) };
}
