// The types of `process.emit` leave these two events out.
const emitter: NodeJS.EventEmitter = process;

/**
 * Reports what the handlers of a finished batch threw while attached to the host's loop: each error reaches
 * `uncaughtException` once, right after the turn.
 */
export function reportLater(errors: readonly unknown[]): void {
  for (const error of errors) {
    process.nextTick(() => {
      throw error;
    });
  }
}

/**
 * The same in a blocking turn, where nothing that is scheduled would run: calls the `uncaughtException` listeners
 * directly. Without a listener the first error is thrown to the caller of the turn, and ends the program as usual if
 * nobody catches it. A capture callback, which Node calls in place of listeners, can't be called from here: it has the
 * error when the caller of the turn has returned to the event loop.
 */
export function reportNow(errors: readonly unknown[]): void {
  errors.forEach((error, index) => {
    try {
      reportUncaught(error);
    } catch (thrown) {
      reportLater(errors.slice(index + 1));
      throw thrown;
    }
  });
}

function reportUncaught(error: unknown): void {
  if (process.hasUncaughtExceptionCaptureCallback()) return reportLater([error]);
  if (process.listenerCount('uncaughtException') === 0) throw error;
  emitter.emit('uncaughtExceptionMonitor', error, 'uncaughtException');
  emitter.emit('uncaughtException', error, 'uncaughtException');
}
