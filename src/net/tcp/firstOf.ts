import { clearTimeout, setTimeout } from 'node:timers';
import { offAbort, onAbort } from '../../reactor/onAbort.ts';
import { SystemError } from '../../fd/systemError.ts';

// The delay that RFC 8305, section 5, recommends.
const delayMs = 250;

// Without a reason an AbortController makes an error of its own, with a stack trace.
const over = 'another address was first';

/** How an address is tried. */
export interface Attempt<A, T> {
  /**
   * @throws (as a rejection) {SystemError} where the next address is to be tried; anything else ends all; the signal's
   *   reason
   */
  readonly run: (address: A, signal: AbortSignal) => Promise<T>;
  /** Closes what an attempt has made that was given up too late. */
  readonly discard: (made: T) => void;
}

/**
 * Tries addresses one after another, each when the one before has failed, or has not answered for 250 ms: all go on
 * until the first succeeds (RFC 8305, section 5). The others are given up then.
 *
 * @throws (as a rejection) the last failure, with those before it as its `cause`, where all have failed; the signal's
 *   reason
 */
export function firstOf<A, T>(
  addresses: readonly A[],
  { run, discard }: Attempt<A, T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const waiting = [...addresses];
    const attempts = new AbortController();
    const failures: SystemError[] = [];
    let running = 0;
    let timer: NodeJS.Timeout | undefined;
    const end = (): void => {
      clearTimeout(timer);
      if (signal !== undefined) offAbort(signal, abort);
      waiting.length = 0;
      attempts.abort(over);
    };
    const abort = (): void => {
      end();
      // eslint-disable-next-line typescript/prefer-promise-reject-errors -- an abort reason can be any value, and is passed on as it is
      reject(signal?.reason);
    };
    const succeeded = (made: T): void => {
      if (attempts.signal.aborted) return discard(made);
      end();
      resolve(made);
    };
    const failed = (error: unknown): void => {
      if (attempts.signal.aborted) return;
      running--;
      if (!(error instanceof SystemError)) {
        end();
        // eslint-disable-next-line typescript/prefer-promise-reject-errors -- what was thrown is passed on as it is
        return reject(error);
      }
      if (failures.length > 0) error.cause = new AggregateError([...failures], 'Other addresses failed before');
      failures.push(error);
      if (waiting.length > 0) begin();
      else if (running === 0) {
        end();
        reject(error);
      }
    };
    const begin = (): void => {
      clearTimeout(timer);
      const address = waiting.shift() as A;
      running++;
      // The attempts keep the process alive, not this.
      if (waiting.length > 0) timer = setTimeout(begin, delayMs).unref();
      run(address, attempts.signal).then(succeeded, failed);
    };
    if (signal !== undefined) onAbort(signal, abort);
    begin();
  });
}
