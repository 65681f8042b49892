import type { PostedError } from './postedError.ts';
import type { ConnectionEnd } from './serveCounts.ts';

/** What a worker is started with. */
export interface WorkerStart {
  /** The URL of the module with `onConnection`. */
  readonly module: string;
  readonly data: unknown;
  /** See `SharedSlot`. */
  readonly shared: Int32Array<SharedArrayBuffer>;
}

/**
 * The places of the memory that a worker shares with the thread that started it: what must be known when it has
 * crashed.
 */
export const SharedSlot = {
  /** The number of the last connection that it has begun with. */
  begun: 0,
  /** How many of the descriptors after it are open. */
  held: 1,
  /** The reactor's epoll descriptor, what Node's loop watches of it, and an eventfd. */
  descriptors: 2,
  length: 8,
} as const;

/** To a worker: a connection; it is time to finish; reset what is left; the end. */
export type ToWorker =
  | { readonly connection: number; readonly fd: number }
  | { readonly command: 'stop' | 'reset' | 'end' };

/** From a worker: it can begin; how a connection has ended, or that none could be made of the descriptor. */
export type FromWorker =
  | { readonly ready: true }
  | { readonly connection: number; readonly how: ConnectionEnd | 'unmade'; readonly error: PostedError | undefined };
