import type { Detail } from './event.ts';

/** What a source made of an event. */
export interface Outcome {
  /** What was read; null: nothing that is worth a line, and not counted. */
  readonly detail: Detail | null;
  /**
   * - `'drained'`: something was taken; watch on.
   * - `'standing'`: nothing was, or what was reported stays true. A level-triggered watch rests, so that it does not
   *   spin.
   * - `'more'`: stopped before all was taken; an edge-triggered watch must be armed again to report the rest.
   * - `'retry'`: nothing could be taken now; any watch rests, and is armed again.
   * - `'end'`: there will be no further event.
   */
  readonly next: 'drained' | 'standing' | 'more' | 'retry' | 'end';
}
