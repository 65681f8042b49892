import { describe } from '../../sys/argument.ts';
import type { ConnectionEnd } from './connections.ts';

/** What a connection worker is started with. */
export interface ConnectionWorkerData {
  /** The URL of the module with `onConnection`. */
  readonly module: string;
  readonly data: unknown;
  /** See `SharedSlot`. */
  readonly shared: Int32Array<SharedArrayBuffer>;
}

/** The places of the memory that a worker shares with the thread that started it: what must be known when it has crashed. */
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
export type ToConnectionWorker =
  | { readonly connection: number; readonly fd: number }
  | { readonly command: 'stop' | 'reset' | 'end' };

/** An error that crosses threads: a structured clone alone would lose its code. */
export interface PostedError {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly code: string | undefined;
}

/** From a worker: it can begin; how a connection has ended, or that none could be made of the descriptor. */
export type FromConnectionWorker =
  | { readonly ready: true }
  | { readonly connection: number; readonly how: ConnectionEnd | 'unmade'; readonly error: PostedError | undefined };

/** What of an error can be posted. */
export function postedError(error: unknown): PostedError | undefined {
  if (error === undefined) return undefined;
  if (!(error instanceof Error)) return { name: 'Error', message: describe(error), stack: undefined, code: undefined };
  const { name, message, stack } = error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return { name, message, stack, code };
}

/** The error again, on the other side. */
export function receivedError({ name, message, stack, code }: PostedError): Error {
  const error = new Error(message);
  error.name = name;
  if (stack !== undefined) error.stack = stack;
  return code === undefined ? error : Object.assign(error, { code });
}
