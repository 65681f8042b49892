import { clearTimeout, setTimeout } from 'node:timers';
import { milliseconds } from '../../fd/milliseconds.ts';
import type { SystemErrorSubject } from '../../fd/systemError.ts';
import { offAbort, onAbort } from '../../reactor/onAbort.ts';
import { TimeoutError } from './timeoutError.ts';

/** How long an operation may take, and how it is given up. */
export interface OperationOptions {
  /** Gives the operation up: it rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Milliseconds; then it rejects with a `TimeoutError`, whose code is `'ETIMEDOUT'`. For ever by default. */
  readonly timeoutMs?: number;
}

type Unchecked<T> = { [K in keyof T]?: T[K] | undefined };

/** What a TimeoutError says of an operation: its call, and whom it is about. */
export interface OperationName {
  readonly syscall: string;
  readonly subject: SystemErrorSubject;
}

// The longest that setTimeout takes.
const longestMs = 0x7fff_ffff;

/**
 * Runs an operation with a signal that also aborts when its time is over.
 *
 * @param name made when it is needed
 * @throws {TypeError | RangeError} (as a rejection) for a wrong timeout
 */
export async function withDeadline<T>(
  { signal, timeoutMs }: OperationOptions,
  name: () => OperationName,
  run: (signal: AbortSignal | undefined) => Promise<T>,
): Promise<T> {
  checkOperation({ signal, timeoutMs });
  if (timeoutMs === undefined) return run(signal);
  const controller = new AbortController();
  const abort = (): void => controller.abort(signal?.reason);
  const late = (): void => {
    const { syscall, subject } = name();
    controller.abort(new TimeoutError(syscall, timeoutMs, subject));
  };
  // What is waited for keeps the process alive, not this.
  const timer = timeoutMs > longestMs ? undefined : setTimeout(late, Math.ceil(timeoutMs)).unref();
  if (signal !== undefined) onAbort(signal, abort);
  try {
    return await run(controller.signal);
  } finally {
    clearTimeout(timer);
    if (signal !== undefined) offAbort(signal, abort);
  }
}

/** @throws what the signal was aborted with. @throws {TypeError | RangeError} for a wrong timeout. */
function checkOperation({ signal, timeoutMs }: Unchecked<OperationOptions>): void {
  signal?.throwIfAborted();
  if (timeoutMs !== undefined) milliseconds(timeoutMs, 'timeoutMs', 'wait');
}
