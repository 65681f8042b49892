import type { Entry } from './catalogue.ts';
import type { Failure } from './scenario.ts';

/** What became of an entry. */
export type Outcome =
  /** `runs`: in how many, where the first were late. */
  | { readonly kind: 'passed'; readonly runs?: number }
  | { readonly kind: 'failed'; readonly failures: readonly Failure[] }
  | { readonly kind: 'skipped'; readonly reason: string };

/** What a child process is told: on its standard input, as JSON. */
export interface Job {
  readonly entry: Entry;
  readonly directory: string;
  readonly inWorker: boolean;
  /** How long the whole entry may take. */
  readonly limitMs: number;
}

/** A line from a child process. Each `block` is answered by a line: empty, or why it was not possible. */
export type ChildLine =
  | { readonly kind: 'block'; readonly threads: readonly number[] }
  | { readonly kind: 'outcome'; readonly outcome: Outcome };

/** The descriptor over which a child process and the runner talk. */
export const channelFd = 3;
