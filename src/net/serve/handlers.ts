import { reportLater } from '../../reactor/handlerErrors.ts';
import type { ByteStream } from '../stream/byteStream.ts';
import type { ServeCounts } from './serveCounts.ts';

/** Where a server's connections are handled: in this thread, or in workers. */
export interface Handlers {
  readonly counts: ServeCounts;
  /** Called whenever a connection has ended. */
  onRoom: () => void;
  /** Called when nobody is left who could handle a connection, with the reason. */
  onFailure: (error: unknown) => void;
  /** Has a connection handled. */
  take(stream: ByteStream): void;
  /** Resolves when no connection is left; those that are left after `deadlineMs` are reset. */
  drain(deadlineMs: number): Promise<void>;
}

/** Reports an error to `onError`, or as an uncaught one where there is none; what `onError` throws is uncaught too. */
export function report(error: unknown, onError: ((error: unknown) => void) | undefined): void {
  if (onError === undefined) return reportLater([error]);
  try {
    onError(error);
  } catch (thrown) {
    reportLater([thrown]);
  }
}
